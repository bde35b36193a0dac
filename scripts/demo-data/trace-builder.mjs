import { toDate, toLatency } from './clock.mjs';
import { modelNamed, priceTicks } from './models.mjs';
import { costTicks, ticksToNumber } from './money.mjs';
import { anyKind } from './numbers.mjs';

/** @typedef {import('./common.mjs').Doc} Doc */
/** @typedef {import('./features.mjs').Feature} Feature */
/** @typedef {import('./models.mjs').ModelSpec} ModelSpec */
/** @typedef {import('./prng.mjs').Rng} Rng */

/** @typedef {{standard: number, cached: number, output: number, reasoning: number}} Usage tokens, or searches */
/** @typedef {{name: string | null, type: string | null}} Consumer who called a feature */

/**
 * One use of a feature within a trace: what a metrics document is made of.
 * @typedef {object} Use
 * @property {Feature} feature
 * @property {string | null} variant
 * @property {Consumer} consumer
 * @property {string} status
 * @property {number} start microseconds
 * @property {number} end microseconds
 * @property {bigint} cost ticks; everything below the feature included
 * @property {Doc | null} extra the metric's extra_data
 */

/**
 * @typedef {object} SpanRecord
 * @property {Doc} span
 * @property {number} start microseconds
 * @property {number} end microseconds
 * @property {bigint | null} cost ticks, null where there is none or it is unknown
 */

/**
 * @typedef {object} ModelCall
 * @property {'chat' | 'embed' | 'rerank'} type
 * @property {string} name
 * @property {string} model system name
 * @property {Usage} usage
 * @property {unknown} input
 * @property {unknown} output
 * @property {{feature: Feature, variant: string | null}} [template]
 */

/** Why a call to a provider fails, and the share of each reason. */
/** @type {[string, number][]} */
const FAILURES = [
  ['429 Too Many Requests: rate limit reached, retry after 1 s', 5],
  ['503 Service Unavailable', 3],
  ['Timeout: no answer within 60000 ms', 2],
  ['400 Bad Request: {"error":{"code":"content_filter","message":"Ответ заблокирован, \\"policy\\""}}', 2],
  ['Connection reset by peer\n\tat gateway', 1],
];

const FIRST_TRY_FAILS = 0.045;
const RETRY_FAILS = 0.55;
const MOST_TRIES = 3;
const SLOW = 0.03;
/** A trace that is this large already gets no retries, so that none exceeds twelve spans. */
const SPANS_FOR_RETRY = 5;

/**
 * What a call costs by part, in ticks; null where the model has no price for something it used, for
 * then the cost is unknown.
 * @param {ModelSpec} model
 * @param {Usage} usage
 */
function callCosts(model, usage) {
  const part = (
    /** @type {number} */ tokens,
    /** @type {'input' | 'output' | 'cached' | 'reasoning'} */ kind,
  ) => {
    if (tokens === 0) return 0n;
    const price = priceTicks(model, kind);
    return price === null ? null : costTicks(tokens, price, model.unit);
  };
  const standard = part(usage.standard, 'input');
  const cached = part(usage.cached, 'cached');
  const output = part(usage.output, 'output');
  const reasoning = part(usage.reasoning, 'reasoning');
  if (standard === null || cached === null || output === null || reasoning === null) return null;
  return { standard, cached, output, reasoning, total: standard + cached + output + reasoning };
}

/**
 * @param {Rng} rng
 * @param {ModelSpec} model
 * @param {Usage} usage
 */
function usageDetails(rng, model, usage) {
  const input = usage.standard + usage.cached;
  const output = usage.output + usage.reasoning;
  return {
    input: anyKind(rng, input),
    input_details: { units: model.unitName, standard: usage.standard, cached: usage.cached },
    output: anyKind(rng, output),
    output_details: { units: model.unitName, standard: usage.output, reasoning: usage.reasoning },
    total: input + output,
  };
}

/**
 * @param {Rng} rng
 * @param {NonNullable<ReturnType<typeof callCosts>>} costs
 */
function costDetails(rng, costs) {
  const split = rng.chance(0.3)
    ? {
        input_details: { standard: ticksToNumber(costs.standard), cached: ticksToNumber(costs.cached) },
        output_details: { standard: ticksToNumber(costs.output), reasoning: ticksToNumber(costs.reasoning) },
      }
    : {};
  return {
    input: ticksToNumber(costs.standard + costs.cached),
    output: ticksToNumber(costs.output + costs.reasoning),
    total: anyKind(rng, ticksToNumber(costs.total)),
    ...split,
  };
}

/**
 * Plays one request through the platform: a clock that moves on as work is done, and the spans and the
 * uses of features that this leaves behind. A failure marks every open span until someone recovers.
 */
export class TraceBuilder {
  /**
   * @param {{rng: Rng, traceId: string, start: number, conversationId?: string | null}} options
   *   `start` in microseconds
   */
  constructor({ rng, traceId, start, conversationId = null }) {
    this.rng = rng;
    this.now = start;
    this.conversationId = conversationId;
    this.parents = [traceId];
    /** @type {SpanRecord[]} */
    this.records = [];
    /** @type {Use[]} */
    this.uses = [];
    /** @type {string | null} */
    this.failure = null;
  }

  /**
   * Lets time pass.
   * @param {number} lowMs
   * @param {number} highMs
   */
  pass(lowMs, highMs) {
    this.now += this.rng.skewed(lowMs * 1000, highMs * 1000);
  }

  /** Takes note of a failure and goes on, as an agent does when a tool fails. */
  recover() {
    this.failure = null;
  }

  /**
   * Does `body` inside a span; the span fails if a failure is left when the body ends.
   * @param {string} name
   * @param {() => void} body
   * @param {Doc} [fields] fields of the span that differ from the default; `type` among them
   */
  within(name, body, fields = {}) {
    const id = this.rng.hex(16);
    const start = this.now;
    this.parents.push(id);
    this.pass(0.2, 4);
    body();
    this.pass(0.1, 3);
    this.parents.pop();
    this.#close({ id, start, cost: null, fields: { name, type: 'span', ...fields } });
  }

  /**
   * Does the bodies side by side: all start now, and time goes on when the last one ends.
   * @param {(() => void)[]} bodies
   */
  parallel(bodies) {
    const start = this.now;
    let end = start;
    for (const body of bodies) {
      this.now = start + this.rng.int(10, 900);
      body();
      end = Math.max(end, this.now);
    }
    this.now = end;
  }

  /**
   * A span without children that takes from `lowMs` to `highMs`, now and then far longer.
   * @param {string} name
   * @param {Doc} fields
   * @param {[lowMs: number, highMs: number]} range
   */
  leaf(name, fields, [lowMs, highMs]) {
    const id = this.rng.hex(16);
    const start = this.now;
    const factor = this.rng.chance(SLOW) ? 7 : 1;
    this.pass(lowMs * factor, highMs * factor);
    this.#close({ id, start, cost: null, fields: { name, type: 'span', ...fields } });
  }

  /**
   * Calls a model; after a failure it tries again, each try being a span of its own.
   * @param {ModelCall} call
   * @returns {boolean} whether an answer came
   */
  modelCall(call) {
    const tries = this.records.length < SPANS_FOR_RETRY ? MOST_TRIES : 1;
    for (let attempt = 1; attempt <= tries; attempt++) {
      const failure = this.rng.chance(attempt === 1 ? FIRST_TRY_FAILS : RETRY_FAILS)
        ? this.rng.weighted(FAILURES)
        : null;
      this.failure = failure;
      this.#attempt(call);
      if (failure === null) return true;
      if (attempt < tries) this.pass(400 * attempt, 900 * attempt);
    }
    return false;
  }

  /**
   * Does `body` as one use of a feature, from which a metric is made.
   * @param {{feature: Feature, variant: string | null, consumer: Consumer}} use
   * @param {() => Doc | null} body gives the metric's extra_data
   */
  feature(use, body) {
    const start = this.now;
    const first = this.records.length;
    const extra = body();
    const cost = this.records.slice(first).reduce((sum, record) => sum + (record.cost ?? 0n), 0n);
    const status = this.failure === null ? 'success' : 'error';
    this.uses.push({ ...use, status, start, end: this.now, cost, extra });
  }

  /** @param {ModelCall} call */
  #attempt(call) {
    const { rng } = this;
    const model = modelNamed(call.model);
    const failed = this.failure !== null;
    const id = rng.hex(16);
    const start = this.now;
    const perToken = call.type === 'chat' ? rng.int(9, 24) * (call.usage.output + call.usage.reasoning) : 0;
    const factor = rng.chance(SLOW) ? 6 : 1;
    this.pass((failed ? 40 : 120 + perToken) * factor, (failed ? 900 : 420 + perToken * 2) * factor);
    const costs = failed ? null : callCosts(model, call.usage);
    this.#close({
      id,
      start,
      cost: costs?.total ?? null,
      fields: {
        name: call.name,
        type: call.type,
        prompt_template: call.template && {
          name: call.template.feature.systemName,
          display_name: call.template.feature.name,
          variant: call.template.variant,
        },
        model: {
          name: model.systemName,
          display_name: model.display,
          provider: model.providerName,
          ...(model.provider === null ? {} : { provider_display_name: model.provider }),
          parameters:
            call.type === 'chat'
              ? { llm: model.llm, temperature: rng.pick([0, 0.2, 1]) }
              : { llm: model.llm },
        },
        input: call.input,
        output: failed ? null : call.output,
        usage_details: failed ? null : usageDetails(rng, model, call.usage),
        cost_details: costs === null ? null : costDetails(rng, costs),
      },
    });
  }

  /** @param {{id: string, start: number, cost: bigint | null, fields: Doc}} closing */
  #close({ id, start, cost, fields }) {
    const { name, type, prompt_template, model, input, output, usage_details, cost_details, ...rest } =
      fields;
    const span = {
      id,
      parent_id: this.parents.at(-1),
      name,
      type,
      start_time: toDate(start),
      end_time: toDate(this.now),
      latency: anyKind(this.rng, toLatency(this.now - start)),
      status: this.failure === null ? 'success' : 'error',
      // Older services leave the field out where there is nothing to say.
      status_message: this.failure ?? (this.rng.chance(0.5) ? null : undefined),
      prompt_template,
      model: model ?? null,
      input: input ?? null,
      output: output ?? null,
      usage_details: usage_details ?? null,
      cost_details: cost_details ?? null,
      conversation_id: this.conversationId,
      ...rest,
    };
    this.records.push({ span, start, end: this.now, cost });
  }
}
