import { ObjectId } from 'bson';

import { NOW_MS } from './clock.mjs';

/** @typedef {import('bson').Document} Doc */
/** @typedef {{collection: string, id: string, reason: string, document: Doc}} Broken */

/** Ids of broken documents are fixed, so that the README and tests can name them under every seed. */
const id = (/** @type {number} */ n) =>
  new ObjectId(`68a7ffff00000000000000${n.toString(16).padStart(2, '0')}`);
const start = new Date(NOW_MS - 7_200_000);
const end = new Date(NOW_MS - 7_198_500);

/**
 * A trace that would be in order but for what `fault` puts in.
 * @param {number} n
 * @param {Doc} fault
 */
function trace(n, fault) {
  const _id = id(n);
  const span = {
    id: `00000000000000a${n}`,
    parent_id: String(_id),
    name: 'Executing Prompt Template',
    type: 'span',
    start_time: start,
    end_time: end,
    latency: 1500.25,
    status: 'success',
    cost_details: null,
  };
  const fields = {
    name: 'Ticket Summary',
    type: 'prompt-template',
    status: 'success',
    channel: 'production',
  };
  const times = { start_time: start, end_time: end, latency: 1500.25 };
  const base = { _id, ...fields, source: 'Runtime API', user_id: 'api_key:SUPPORT', ...times };
  return {
    ...base,
    cost_details: { chat: 0, embed: 0, rerank: 0, total: 0 },
    extra_data: {},
    spans: [span],
    ...fault,
  };
}

/**
 * @param {number} n
 * @param {Doc} fault
 */
function metric(n, fault) {
  const feature = {
    feature_type: 'prompt-template',
    feature_system_name: 'TICKET_SUMMARY',
    feature_name: 'Ticket Summary',
  };
  const fields = {
    feature_variant: 'variant_2',
    trace_id: String(id(1)),
    status: 'success',
    channel: 'production',
  };
  const caller = {
    source: 'Runtime API',
    user_id: 'api_key:SUPPORT',
    consumer_name: 'SUPPORT',
    consumer_type: 'api_key',
  };
  const measured = { start_time: start, end_time: end, latency: 1500.25, cost: 0.001 };
  return { _id: id(n), ...feature, ...fields, ...caller, ...measured, ...fault };
}

/**
 * @param {number} n
 * @param {Doc} fault
 */
function model(n, fault) {
  const flags = { json_mode: false, json_schema: false, tool_calling: false, reasoning: false };
  return {
    _id: id(n),
    provider_name: 'openai',
    provider_system_name: 'OPENAI',
    ai_model: `broken-${n}`,
    display_name: `Broken ${n}`,
    type: 'prompts',
    ...flags,
    is_default: false,
    is_active: false,
    price_input: '1.00',
    price_output: '2.00',
    created_at: start,
    updated_at: start,
    ...fault,
  };
}

/** @returns {Doc} */
function withTwinSpans() {
  const base = trace(4, {});
  const [span] = base.spans;
  return { ...base, spans: [span, { ...span, name: 'Same id again' }] };
}

/** @type {[collection: string, reason: string, document: Doc][]} */
const FAULTS = [
  ['traces', 'start_time is the text "yesterday"', trace(1, { start_time: 'yesterday' })],
  ['traces', 'latency is an object', trace(2, { latency: { value: 1500.25, unit: 'ms' } })],
  ['traces', 'spans is a text', trace(3, { spans: 'see attachment' })],
  ['traces', 'two spans have the same id', withTwinSpans()],
  ['metrics', 'feature_type is missing', metric(5, { feature_type: undefined })],
  ['metrics', 'status is a number', metric(6, { status: 200 })],
  [
    'metrics',
    'status is longer than 50 characters',
    metric(7, { status: `error: ${'too long '.repeat(8)}` }),
  ],
  ['models', 'price_input is the text "free"', model(8, { price_input: 'free' })],
  [
    'models',
    'provider_system_name names no provider',
    model(9, { provider_system_name: 'NO_SUCH_PROVIDER' }),
  ],
];

/** The deliberately broken documents, which an import must reject; all others must come in. */
/** @type {readonly Broken[]} */
export const BROKEN_DOCUMENTS = FAULTS.map(([collection, reason, document]) => ({
  collection,
  id: String(document._id),
  reason,
  document,
}));
