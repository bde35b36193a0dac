import { join } from 'node:path';

import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Document } from 'bson';

import { BROKEN } from '../../scripts/demo-data/generate.mjs';
import { readDocuments } from './read-dump.js';

const DUMP = join(import.meta.dirname, '..', '..', 'fixtures', 'demo-dump', 'genai');
const TICK = 10n ** 10n;

/** A number of any BSON kind as an exact count of 10^-10. */
function ticks(value: unknown): bigint {
  const [whole = '', fraction = ''] = Number(String(value)).toFixed(10).split('.');
  return BigInt(whole) * TICK + BigInt(fraction);
}

function number(value: unknown): number {
  return Number(String(value));
}

function time(value: unknown): number {
  return (value as Date).getTime();
}

function groupBy(documents: Document[], keyOf: (document: Document) => string): Map<string, Document[]> {
  const groups = new Map<string, Document[]>();
  for (const document of documents) {
    const key = keyOf(document);
    groups.set(key, [...(groups.get(key) ?? []), document]);
  }
  return groups;
}

const broken = new Set(BROKEN.map(({ id }) => id));
const isGood = (document: Document): boolean => !broken.has(String(document._id));
const read = (collection: string): Promise<Document[]> => readDocuments(join(DUMP, `${collection}.bson.gz`));

let traces: Document[];
let metrics: Document[];
let models: Document[];
let providers: Document[];
let conversations: Document[];

beforeAll(async () => {
  [traces, metrics, models, providers, conversations] = await Promise.all([
    read('traces'),
    read('metrics'),
    read('models'),
    read('providers'),
    read('agent_conversations'),
  ]);
});

const spansOf = (trace: Document): Document[] => trace.spans as Document[];

/** The faults an importer would find, from rules written down independently of the generator. */
function faultOf(collection: string, document: Document): boolean {
  if (collection === 'models') {
    const prices = ['price_input', 'price_output', 'price_cached', 'price_reasoning'].map(
      (field) => document[field] as unknown,
    );
    const known =
      document.provider_system_name === null ||
      providers.some((one) => one.system_name === document.provider_system_name);
    return (
      !known || prices.some((price) => price !== undefined && price !== null && Number.isNaN(number(price)))
    );
  }
  const status: unknown = document.status;
  const text = typeof status === 'string' && status.length <= 50;
  if (collection === 'metrics') return !text || typeof document.feature_type !== 'string';
  const ids = Array.isArray(document.spans) ? spansOf(document).map((span) => span.id as string) : null;
  const measured =
    status === 'running' ? document.latency === null : Number.isFinite(number(document.latency));
  return (
    !text ||
    !measured ||
    !(document.start_time instanceof Date) ||
    ids === null ||
    new Set(ids).size < ids.length
  );
}

/** Tokens by unit count times price, in doubles; a part without a price of its own has the standard one. */
function expectedCost(model: Document, usage: Document): number {
  const { input_details: input, output_details: output } = usage as Record<string, Document>;
  const price = (own: unknown, standard: unknown): number =>
    number(own === undefined || own === null || own === '' ? standard : own);
  const sum =
    number(input!.standard) * price(model.price_input, 0) +
    number(input!.cached) * price(model.price_cached, model.price_input) +
    number(output!.standard) * price(model.price_output, 0) +
    number(output!.reasoning) * price(model.price_reasoning, model.price_output);
  return sum / number(model.price_standard_input_unit_count);
}

describe('broken documents', () => {
  it('are those of the list and no others', () => {
    const found = Object.entries({ traces, metrics, models }).flatMap(([collection, documents]) =>
      documents.filter((one) => faultOf(collection, one)).map((one) => `${collection}/${String(one._id)}`),
    );
    expect(found.sort()).toEqual(BROKEN.map(({ collection, id }) => `${collection}/${id}`).sort());
  });

  it('leave every other text within its column', () => {
    const limits: [Document[], Record<string, number>][] = [
      [traces, { name: 255, type: 100, status: 50, channel: 255, source: 255, user_id: 255 }],
      [
        metrics,
        { feature_type: 100, feature_system_name: 255, feature_name: 255, user_id: 255, consumer_name: 255 },
      ],
      [models, { provider_name: 100, ai_model: 255, display_name: 255, type: 50, resources: 500 }],
    ];
    for (const [documents, fields] of limits) {
      for (const [field, limit] of Object.entries(fields)) {
        const lengths = documents
          .filter(isGood)
          .map((one) => ((one[field] as string | null | undefined) ?? '').length);
        expect(Math.max(...lengths)).toBeLessThanOrEqual(limit);
      }
    }
  });
});

describe('traces', () => {
  // Thousands of expects take seconds: the tests over all spans collect what is wrong and expect nothing.
  it('have one to twelve spans, whose parents exist and lead to the trace', () => {
    const wrong: string[] = [];
    for (const trace of traces.filter(isGood)) {
      const spans = spansOf(trace);
      if (spans.length < 1 || spans.length > 12) wrong.push(`${String(trace._id)}: ${spans.length} spans`);
      const parents = new Map(spans.map((span) => [span.id as string, span.parent_id as string]));
      for (const span of spans) {
        let above: string | undefined = span.parent_id as string;
        for (let steps = 0; above !== undefined && parents.has(above) && steps <= spans.length; steps++) {
          above = parents.get(above);
        }
        if (above !== String(trace._id)) wrong.push(`${String(span.id)}: leads to ${String(above)}`);
        if (!/^[0-9a-f]{16}$/.test(span.id as string)) wrong.push(`${String(span.id)}: not 16 hex digits`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('last from their first start to their last end', () => {
    for (const trace of traces.filter(isGood)) {
      const spans = spansOf(trace);
      expect(time(trace.start_time)).toBe(Math.min(...spans.map((span) => time(span.start_time))));
      if (trace.status === 'running') {
        expect(trace.end_time ?? null).toBeNull();
        expect(spans.some((span) => span.status === 'running' && (span.end_time ?? null) === null)).toBe(
          true,
        );
        continue;
      }
      expect(time(trace.end_time)).toBe(Math.max(...spans.map((span) => time(span.end_time))));
      // The dates are cut to the millisecond, the latency is not.
      expect(Math.abs(number(trace.latency) - (time(trace.end_time) - time(trace.start_time)))).toBeLessThan(
        1,
      );
    }
  });

  it('have spans whose latency is their end minus their start', () => {
    const ended = traces
      .filter(isGood)
      .flatMap(spansOf)
      .filter((span) => span.status !== 'running');
    const differs = (span: Document): boolean =>
      Math.abs(number(span.latency) - (time(span.end_time) - time(span.start_time))) >= 1;
    expect(ended.length).toBeGreaterThan(7000);
    expect(ended.filter(differs)).toEqual([]);
  });

  it('cost the sum of their spans, by type', () => {
    for (const trace of traces.filter(isGood)) {
      const costs = trace.cost_details as Document;
      const sum = (type: string): bigint =>
        spansOf(trace)
          .filter((span) => span.type === type && span.cost_details !== null)
          .reduce((total, span) => total + ticks((span.cost_details as Document).total), 0n);
      expect(ticks(costs.chat)).toBe(sum('chat'));
      expect(ticks(costs.embed)).toBe(sum('embed'));
      expect(ticks(costs.rerank)).toBe(sum('rerank'));
      expect(ticks(costs.total)).toBe(sum('chat') + sum('embed') + sum('rerank'));
    }
  });

  it('have spans that cost tokens by unit count times price, or nothing known without a price', () => {
    const bySystemName = new Map(models.filter(isGood).map((model) => [model.system_name as string, model]));
    const used = traces
      .filter(isGood)
      .flatMap(spansOf)
      .filter((span) => span.usage_details !== null);
    const modelOf = (span: Document): Document => bySystemName.get((span.model as Document).name as string)!;
    const [unpriced, priced] = [true, false].map((none) =>
      used.filter((span) => (modelOf(span).price_input === '') === none),
    );
    expect(unpriced!.length).toBeGreaterThan(20);
    expect(unpriced!.filter((span) => span.cost_details !== null)).toEqual([]);
    expect(priced!.length).toBeGreaterThan(2000);
    const wrong = priced!.filter((span) => {
      const costs = span.cost_details as Document;
      const expected = expectedCost(modelOf(span), span.usage_details as Document);
      return (
        Math.abs(number(costs.total) - expected) > 5e-10 ||
        ticks(costs.total) !== ticks(costs.input) + ticks(costs.output)
      );
    });
    expect(wrong).toEqual([]);
    const without = traces
      .filter(isGood)
      .flatMap(spansOf)
      .filter((span) => span.usage_details === null);
    expect(without.filter((span) => span.cost_details !== null)).toEqual([]);
  });

  it('show failures, retries, slow calls, spans side by side, and text ids', () => {
    const good = traces.filter(isGood);
    const share = (test: (trace: Document) => boolean): number => good.filter(test).length / good.length;
    expect(share((trace) => trace.status === 'error')).toBeGreaterThan(0.01);
    expect(share((trace) => trace.status === 'running')).toBeGreaterThan(0.003);
    expect(share((trace) => typeof trace._id === 'string' && /^[0-9a-f]{32}$/.test(trace._id))).toBeCloseTo(
      0.15,
      1,
    );
    const retried = share((trace) => {
      const tries = spansOf(trace).map((span) => `${String(span.parent_id)} ${String(span.name)}`);
      return new Set(tries).size < tries.length;
    });
    expect(retried).toBeGreaterThan(0.02);
    const sideBySide = share((trace) => {
      const searches = spansOf(trace).filter((span) => span.type === 'search');
      return searches.some((a) =>
        searches.some(
          (b) => a !== b && time(a.start_time) < time(b.end_time) && time(b.start_time) < time(a.end_time),
        ),
      );
    });
    expect(sideBySide).toBeGreaterThan(0.05);
  });

  it('hold numbers of every kind', async () => {
    const raw = await readDocuments(join(DUMP, 'traces.bson.gz'), { promoteValues: false });
    const kinds = new Set(
      raw
        .filter(isGood)
        .flatMap(spansOf)
        .flatMap((span): unknown[] => [span.latency, (span.usage_details as Document | null)?.input])
        .map((value) => (value as { _bsontype?: string } | null)?._bsontype),
    );
    expect([...kinds]).toEqual(expect.arrayContaining(['Int32', 'Double', 'Long', 'Decimal128']));
  });
});

describe('metrics', () => {
  it('belong to a trace, and none to one that is broken or still runs', () => {
    const finished = new Set(
      traces.filter((one) => isGood(one) && one.status !== 'running').map((one) => String(one._id)),
    );
    const strays = metrics.filter((one) => isGood(one) && !finished.has(String(one.trace_id)));
    expect(strays).toEqual([]);
  });

  it('hold one row for each finished trace that costs and lasts as much as the trace', () => {
    const byTrace = groupBy(metrics.filter(isGood), (metric) => String(metric.trace_id));
    for (const trace of traces.filter((one) => isGood(one) && one.status !== 'running')) {
      const rows = byTrace.get(String(trace._id))!;
      const own = rows.filter(
        (row) => row.feature_type === trace.type && time(row.start_time) === time(trace.start_time),
      );
      expect(own).toHaveLength(1);
      expect(ticks(own[0]!.cost)).toBe(ticks((trace.cost_details as Document).total));
      expect(number(own[0]!.latency)).toBe(number(trace.latency));
      expect(own[0]!.status).toBe(trace.status);
      // What lies below a feature is part of its cost.
      for (const row of rows) expect(ticks(row.cost)).toBeLessThanOrEqual(ticks(own[0]!.cost));
    }
  });

  it('hold feedback, attributes, conversation data and unknown fields', () => {
    const count = (test: (metric: Document) => boolean): number => metrics.filter(isGood).filter(test).length;
    const extra = (metric: Document): Document => (metric.extra_data as Document | null | undefined) ?? {};
    for (const type of ['like', 'dislike']) {
      expect(count((one) => (extra(one).answer_feedback as Document | null)?.type === type)).toBeGreaterThan(
        5,
      );
    }
    for (const answered of [true, false, null]) {
      expect(count((one) => extra(one).is_answered === answered)).toBeGreaterThan(20);
    }
    expect(count((one) => one.x_attributes !== undefined)).toBeGreaterThan(100);
    expect(count((one) => one.billing_tag !== undefined)).toBeGreaterThan(10);
    expect(
      count((one) => (one.conversation_data as Document | undefined)?.resolution_status === 'resolved'),
    ).toBeGreaterThan(5);
  });
});

describe('conversations', () => {
  it('are linked to a trace and to the metrics of their turns', () => {
    const ids = new Set(traces.map((one) => String(one._id)));
    const turns = groupBy(
      metrics.filter((one) => one.feature_type === 'agent'),
      (one) => one.conversation_id as string,
    );
    expect(turns.size).toBe(conversations.length);
    for (const conversation of conversations) {
      const messages = conversation.messages as Document[];
      const own = turns.get(String(conversation._id))!;
      expect(ids.has(conversation.trace_id as string)).toBe(true);
      expect(own).toHaveLength(messages.filter((message) => message.role === 'user').length);
      const likes = own.reduce((sum, one) => sum + number((one.conversation_data as Document).likes), 0);
      expect(
        messages.filter((message) => (message.feedback as Document | null)?.type === 'like'),
      ).toHaveLength(likes);
      expect(own.at(-1)!.conversation_data).toMatchObject({ messages_count: messages.length });
      expect(time(conversation.last_user_message_at)).toBe(
        time(messages.findLast((message) => message.role === 'user')!.created_at),
      );
    }
  });
});

describe('configuration', () => {
  it('comes in the shapes of both ages', async () => {
    const [retrieval, collections] = await Promise.all([read('retrieval_tools'), read('collections')]);
    expect(retrieval.filter((one) => one.variants === undefined && one.retrieve !== undefined)).toHaveLength(
      2,
    );
    expect(retrieval.filter((one) => one.variants !== undefined)).toHaveLength(2);
    expect(collections.map((one) => ['source' in one, 'source_type' in one, 'system_name' in one])).toEqual([
      [true, false, true],
      [false, true, true],
      [false, true, false],
    ]);
    const all = [...models, ...providers];
    expect(all.some((one) => '_metadata' in one) && all.some((one) => 'created_at' in one)).toBe(true);
    expect(models.some((one) => 'model' in one) && models.some((one) => 'ai_model' in one)).toBe(true);
  });

  it('has chunks with embeddings of doubles, of both lengths within one knowledge source', async () => {
    const lengths: number[][] = [];
    for (const collection of await read('collections')) {
      const name = `documents_${String(collection._id).replaceAll('-', '_')}`;
      const chunks = await readDocuments(join(DUMP, `${name}.bson.gz`), { promoteValues: false });
      for (const chunk of chunks) {
        expect((chunk.embedding as Document[]).every((value) => value._bsontype === 'Double')).toBe(true);
      }
      lengths.push(chunks.map((chunk) => (chunk.embedding as unknown[]).length));
    }
    expect(lengths.map((all) => [...new Set(all)])).toEqual([[1536], [1536, 3072], [1536]]);
  });

  it('has a job of each kind', async () => {
    const definitions = (await read('jobs')).map((one) => one.definition as Document);
    const kinds = (pick: (definition: Document) => unknown): unknown[] =>
      [...new Set(definitions.map(pick))].sort();
    expect(kinds((one) => one.job_type)).toEqual(['one_time_immediate', 'one_time_scheduled', 'recurring']);
    expect(kinds((one) => (one.run_configuration as Document).type)).toEqual([
      'cleanup_logs',
      'custom',
      'evaluation',
      'post_processing_conversations',
      'sync_collection',
    ]);
    expect(kinds((one) => one.status)).toEqual([
      'Canceled',
      'Completed',
      'Configuration',
      'Error',
      'Processing',
      'Started',
      'Waiting',
    ]);
  });
});
