import { describe, expect, it } from '@jest/globals';
import { type Document, ObjectId } from 'bson';
import { createMapper } from '../../../src/import/mapper.js';
import { mappingFor } from '../../../src/import/mappings/all-mappings.js';
import { derivedIdOf } from '../../../src/import/source-id.js';

const ID = new ObjectId('65cd6db93a8d335865cd6db9');
const JOB = new ObjectId('6859ea805224d83084004440');

/** What a document becomes: the JSON columns parsed, the columns that are null left out. */
function map(collection: string, document: Document) {
  const mapping = mappingFor(collection);
  if (!mapping) throw new Error(`no mapping for ${collection}`);
  const result = createMapper(mapping)({ _id: ID, ...document }, () => undefined);
  if ('problems' in result) throw new Error(result.problems.map(({ reason }) => reason).join('; '));
  const plain = (row: object): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(row)
        .filter(([, value]) => value !== null)
        .map(([name, value]) => [
          name,
          typeof value === 'string' && /^[{[]/.test(value) ? (JSON.parse(value) as unknown) : value,
        ]),
    );
  return {
    row: plain(result.mapped.row),
    children: result.mapped.children.map(({ rows }) => rows.map(plain)),
  };
}

describe('retrieval tools', () => {
  const settings = {
    retrieve: { collection_system_names: ['A'] },
    ui_settings: { header: 'x' },
    language: { detect_question_language: { enabled: false } },
    sample_test_set: 'SMOKE',
  };

  it('of the older shape get one variant, which is active', () => {
    const { row } = map('retrieval_tools', { system_name: 'OLD', ...settings, other: 1 });
    expect(row).toMatchObject({
      activeVariant: 'variant_1',
      variants: [{ variant: 'variant_1', ...settings }],
      extra: { other: 1 },
    });
  });

  it('with some of the settings keep those', () => {
    const { row } = map('retrieval_tools', { system_name: 'OLD', variants: null, retrieve: { a: 1 } });
    expect(row['variants']).toEqual([{ variant: 'variant_1', retrieve: { a: 1 } }]);
    expect(row['extra']).toBeUndefined();
  });

  it('that have variants keep them, and what else there is', () => {
    const variants = [{ variant: 'v2', retrieve: {} }];
    const { row } = map('retrieval_tools', {
      system_name: 'NEW',
      active_variant: 'v2',
      variants,
      language: { stays: true },
    });
    expect(row).toMatchObject({ activeVariant: 'v2', variants, extra: { language: { stays: true } } });
    expect(map('retrieval_tools', { system_name: 'EMPTY' }).row['variants']).toBeUndefined();
  });
});

describe('knowledge sources', () => {
  it('of the older shape get their settings in one object, a model and a system name', () => {
    const { row } = map('collections', {
      name: 'Alte Handbucher, 2023',
      model: 'ADA',
      source_type: 'File',
      file_url: ['https://files.example.com/a.pdf'],
      sharepoint_site_url: 'https://demo.example.com',
      confluence_space: null,
      output_config: ['title'],
      sharepoint: 'no setting',
      _metadata: { created_at: new Date(0), modified_at: new Date(1000), created_by: 'a', modified_by: 'b' },
    });
    expect(row).toMatchObject({
      id: derivedIdOf('collections', ID),
      systemName: 'ALTE_HANDBUCHER_2023',
      aiModel: 'ADA',
      source: {
        source_type: 'File',
        file_url: ['https://files.example.com/a.pdf'],
        sharepoint_site_url: 'https://demo.example.com',
        confluence_space: null,
        output_config: ['title'],
      },
      createdAt: new Date(0),
      createdBy: 'a',
      updatedAt: new Date(1000),
      updatedBy: 'b',
      extra: { sharepoint: 'no setting' },
    });
  });

  it('of the newer shape keep what stands beside their source', () => {
    const { row } = map('collections', { system_name: 'A', source: { a: 1 }, file_url: 'x' });
    expect(row).toMatchObject({ source: { a: 1 }, extra: { file_url: 'x' } });
  });

  it.each([[JOB], [JOB.toHexString()]])('name the row of their job, given %s', (job_id) => {
    const { row } = map('collections', {
      system_name: 'A',
      job_id,
      last_synced: '2025-08-21T03:00:05.118204+00:00',
    });
    expect(row['jobId']).toBe(derivedIdOf('jobs', JOB));
    expect(row['lastSynced']).toEqual(new Date('2025-08-21T03:00:05.118Z'));
    // What the source says is not lost where there is no such job.
    expect(row['extra']).toHaveProperty('job_id');
  });
});

describe('jobs', () => {
  const definition = {
    name: 'Nightly',
    job_type: 'recurring',
    cron: { hour: 2 },
    timezone: 'Europe/Kyiv',
    status: 'Waiting',
    run_configuration: { type: 'sync_collection', params: { collection_id: JOB.toHexString() } },
  };

  it('have the definition as it is, and what one looks for beside it', () => {
    const { row } = map('jobs', { definition, next_run: '2025-08-23T02:24:00.000000+00:00', last_run: '' });
    expect(row).toEqual({
      id: derivedIdOf('jobs', ID),
      sourceId: ID.toHexString(),
      name: 'Nightly',
      jobType: 'recurring',
      status: 'Waiting',
      timezone: 'Europe/Kyiv',
      nextRun: new Date('2025-08-23T02:24:00Z'),
      definition,
    });
    expect(map('jobs', { definition, status: 'Error' }).row['status']).toBe('Error');
  });
});

describe('evaluations', () => {
  it('have a row for each result', () => {
    const { row, children } = map('evaluations', {
      job_id: JOB.toHexString(),
      results: [
        { id: 'r1', usage: { prompt_tokens: 5 }, latency: 1.5, score: 4, iteration: 1, note: 'x' },
        { id: 'r2', score: null },
      ],
    });
    const evaluationId = derivedIdOf('evaluations', ID);
    expect(row).toMatchObject({ id: evaluationId, jobId: derivedIdOf('jobs', JOB) });
    expect(children).toEqual([
      [
        {
          evaluationId,
          id: 'r1',
          position: 0,
          usage: { prompt_tokens: 5 },
          latency: 1.5,
          score: 4,
          iteration: 1,
          extra: { note: 'x' },
        },
        { evaluationId, id: 'r2', position: 1 },
      ],
    ]);
  });
});

describe('conversations', () => {
  it('keep their own id, by which metrics name them, and have a row for each message', () => {
    const { row, children } = map('agent_conversations', {
      agent: 'SUPPORT_AGENT',
      trace_id: ID.toHexString(),
      status: 'Closed',
      messages: [
        { id: 'm1', role: 'user', content: 'Où ?', feedback: { type: 'like' }, created_at: new Date(5) },
      ],
    });
    expect(row).toMatchObject({ id: ID.toHexString(), agent: 'SUPPORT_AGENT', traceId: ID.toHexString() });
    expect(children).toEqual([
      [
        {
          conversationId: ID.toHexString(),
          id: 'm1',
          position: 0,
          role: 'user',
          content: 'Où ?',
          feedback: { type: 'like' },
          createdAt: new Date(5),
        },
      ],
    ]);
  });
});

describe('metrics', () => {
  const metric = { feature_system_name: 'A', start_time: new Date(0), feature_id: ID.toHexString() };

  it.each([
    ['prompt-template', 'prompts'],
    ['rag-tool', 'rag_tools'],
    ['retrieval-tool', 'retrieval_tools'],
    ['agent', 'agents'],
  ])('of a %s name its row', (feature_type, collection) => {
    const { row } = map('metrics', { ...metric, feature_type });
    expect(row['featureId']).toBe(derivedIdOf(collection, ID));
  });

  it.each([['chat-completion-api'], ['toString']])('of a %s keep what the source says', (feature_type) => {
    expect(map('metrics', { ...metric, feature_type }).row['featureId']).toBe(ID.toHexString());
  });
});
