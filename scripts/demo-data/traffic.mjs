import { pickCaller } from './callers.mjs';
import { loadInstant } from './clock.mjs';
import { conversationDocuments } from './conversations.mjs';
import { metricDocuments } from './metrics.mjs';
import { MODELS } from './models.mjs';
import {
  modelFeature,
  modelRequest,
  pickVariant,
  promptRequest,
  ragRequest,
  retrievalRequest,
} from './requests.mjs';
import { TraceBuilder } from './trace-builder.mjs';
import { traceDocument, traceId } from './traces.mjs';

/** @typedef {import('./common.mjs').Doc} Doc */
/** @typedef {import('./common.mjs').Sources} Sources */
/** @typedef {import('./features.mjs').Feature} Feature */
/** @typedef {import('./features.mjs').FeatureSet} FeatureSet */
/** @typedef {import('./prng.mjs').Rng} Rng */

/** What agents take of all traces, and how many conversations that makes (60 of 2,000). */
const AGENT_SHARE = 0.15;
const CONVERSATION_SHARE = 0.03;
const RUNNING_SHARE = 0.012;

/**
 * @typedef {object} Kind a kind of request that is not part of a conversation
 * @property {number} share
 * @property {number} apiShare probability that it comes in with an API key
 * @property {(rng: Rng, features: FeatureSet) => Feature} pick
 * @property {typeof promptRequest} play
 */

/** @param {'prompts' | 'embeddings' | 're-ranking'} type */
function modelNames(type) {
  return MODELS.filter((model) => model.type === type).map((model) => model.systemName);
}

/**
 * The first of a list is used most, the last least.
 * @param {Rng} rng
 * @param {readonly Feature[]} features
 */
function pickFeature(rng, features) {
  return rng.weighted(
    features.map((feature, index) => /** @type {const} */ ([feature, features.length - index])),
  );
}

/**
 * @param {string} type
 * @param {'prompts' | 'embeddings' | 're-ranking'} models
 * @param {number} share
 * @returns {Kind}
 */
function modelKind(type, models, share) {
  const names = modelNames(models);
  return { share, apiShare: 0.95, pick: (rng) => modelFeature(type, rng.pick(names)), play: modelRequest };
}

/** @type {readonly Kind[]} */
const KINDS = [
  { share: 30, apiShare: 0.8, pick: (rng, { prompts }) => pickFeature(rng, prompts), play: promptRequest },
  { share: 28, apiShare: 0.25, pick: (rng, { ragTools }) => pickFeature(rng, ragTools), play: ragRequest },
  {
    share: 4,
    apiShare: 0.6,
    pick: (rng, all) => pickFeature(rng, all.retrievalTools),
    play: retrievalRequest,
  },
  modelKind('chat-completion-api', 'prompts', 12),
  modelKind('embedding-api', 'embeddings', 8),
  modelKind('reranking-api', 're-ranking', 3),
];

/**
 * One request outside of conversations. A request that still runs has a trace but no metric yet.
 * @param {Sources} sources
 * @param {{features: FeatureSet, days: number}} plan
 */
function playRequest(sources, { features, days }) {
  const { rng } = sources;
  const kind = rng.weighted(KINDS.map((candidate) => /** @type {const} */ ([candidate, candidate.share])));
  const feature = kind.pick(rng, features);
  const variant = pickVariant(rng, feature);
  const caller = pickCaller(rng, kind.apiShare);
  const start = loadInstant(rng, days);
  const id = traceId(sources, start);
  const builder = new TraceBuilder({ rng, traceId: String(id), start });
  kind.play(builder, { feature, variant, consumer: caller.consumer });
  const running = rng.chance(RUNNING_SHARE);
  const trace = traceDocument({ rng, id, builder, feature, variant, caller, running });
  const request = { uses: builder.uses, traceId: id, caller, conversationId: null };
  return { trace, metrics: running ? [] : metricDocuments(sources, request) };
}

/**
 * @param {string} field
 * @returns {(a: Doc, b: Doc) => number}
 */
function byTime(field) {
  return (a, b) => a[field].getTime() - b[field].getTime();
}

/**
 * All requests of the covered days: `traces` of them, with their metrics and the agents' conversations.
 * @param {Sources} sources
 * @param {{features: FeatureSet, days: number, traces: number}} plan
 */
export function trafficDocuments(sources, { features, days, traces: count }) {
  const talk = conversationDocuments(sources, {
    features,
    days,
    conversations: Math.floor(count * CONVERSATION_SHARE),
    turns: Math.floor(count * AGENT_SHARE),
  });
  const traces = [...talk.traces];
  const metrics = [...talk.metrics];
  while (traces.length < count) {
    const request = playRequest(sources, { features, days });
    traces.push(request.trace);
    metrics.push(...request.metrics);
  }
  return {
    traces: traces.sort(byTime('start_time')),
    metrics: metrics.sort(byTime('end_time')),
    agent_conversations: talk.conversations.sort(byTime('created_at')),
  };
}
