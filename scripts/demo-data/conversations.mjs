import { agentTurn } from './agent-turns.mjs';
import { personCaller } from './callers.mjs';
import { NOW_MS, loadInstant, toDate } from './clock.mjs';
import { agentMetric, metricDocuments } from './metrics.mjs';
import { pickFeedback, pickLanguage, pickNamedTopic } from './phrases.mjs';
import { pickVariant } from './requests.mjs';
import { TraceBuilder } from './trace-builder.mjs';
import { traceDocument, traceId } from './traces.mjs';

/** @typedef {import('./common.mjs').Doc} Doc */
/** @typedef {import('./common.mjs').Sources} Sources */
/** @typedef {import('./features.mjs').Feature} Feature */
/** @typedef {import('./features.mjs').FeatureSet} FeatureSet */
/** @typedef {import('./prng.mjs').Rng} Rng */
/** @typedef {import('./agent-turns.mjs').Turn} Turn */

const CLOSED_AFTER_MS = 36 * 3_600_000;
/** A conversation must end inside the covered days, however long its users think. */
const LAST_TURN_MS = NOW_MS - 5 * 60_000;

/**
 * @typedef {object} Played one turn and what it left
 * @property {Turn} turn
 * @property {Doc} trace
 * @property {Doc[]} metrics
 * @property {ReturnType<typeof pickFeedback>} feedback
 * @property {Date} askedAt
 * @property {Date} answeredAt
 */

/**
 * The two messages of a turn; one if no answer came.
 * @param {Rng} rng
 * @param {Played} played
 * @returns {Doc[]}
 */
function messagesOf(rng, { turn, feedback, askedAt, answeredAt }) {
  const user = { id: rng.uuid(), role: 'user', content: turn.ask, created_at: askedAt };
  if (!turn.ok) return [user];
  const asks = rng.chance(0.06);
  const requestId = rng.uuid();
  const assistant = {
    id: rng.uuid(),
    role: 'assistant',
    content: asks ? null : turn.say,
    created_at: answeredAt,
    topic: turn.topic,
    ...(rng.chance(0.7) ? { copied: rng.chance(0.15) } : {}),
    feedback,
    ...(rng.chance(0.05) ? { custom_feedback: { stars: rng.int(1, 5), note: '⭐, "ok"' } } : {}),
    run: { steps: turn.steps },
    ...(asks
      ? {
          action_call_requests: [
            { id: requestId, function_name: 'CANCEL_ORDER', arguments: { order_id: '20240115' } },
          ],
          action_call_confirmations: [{ request_id: requestId, confirmed: rng.chance(0.6) }],
        }
      : {}),
    ...(rng.chance(0.03) ? { rating_shown: true } : {}),
  };
  return [user, assistant];
}

/**
 * What post-processing adds to the agent's metric of each turn: counts of the turn itself, so that
 * sums over rows are right, and the outcome only on the last turn of a closed conversation.
 * @param {Rng} rng
 * @param {Played} played
 * @param {{language: string, messages: number, outcome: Doc | null}} facts
 */
function conversationData(rng, { turn, feedback }, { language, messages, outcome }) {
  const latencies = turn.toolLatencies;
  const mean = latencies.reduce((sum, ms) => sum + ms, 0) / latencies.length;
  return {
    avg_tool_call_latency: latencies.length === 0 ? null : Math.round(mean * 1000) / 1000,
    topics: rng.chance(0.2) ? [turn.topic, 'Billing', turn.topic] : [turn.topic],
    likes: feedback?.type === 'like' ? 1 : 0,
    dislikes: feedback?.type === 'dislike' ? 1 : 0,
    messages_count: messages,
    language: rng.chance(0.05) ? null : language,
    ...(outcome ?? (rng.chance(0.5) ? { resolution_status: null, sentiment: null } : {})),
  };
}

/**
 * @param {Sources} sources
 * @param {{features: FeatureSet, agent: Feature, start: number, turns: number, id: string, language: string}} plan
 *   `start` in microseconds
 */
function playTurns(sources, { features, agent, start: firstStart, turns, id, language }) {
  const { rng } = sources;
  const caller = personCaller(rng);
  const variant = pickVariant(rng, agent);
  let topic = pickNamedTopic(rng);
  let start = firstStart;
  /** @type {Played[]} */
  const played = [];
  for (let index = 0; index < turns; index++) {
    const trace_id = traceId(sources, start);
    const builder = new TraceBuilder({ rng, traceId: String(trace_id), start, conversationId: id });
    const entry = { feature: agent, variant, consumer: caller.consumer };
    if (index > 0 && rng.chance(0.2)) topic = pickNamedTopic(rng);
    const turn = agentTurn(builder, { ...entry, features, language, topic });
    const request = { id: trace_id, builder, feature: agent, variant, caller, running: false };
    played.push({
      turn,
      trace: traceDocument({ rng, ...request }),
      metrics: metricDocuments(sources, {
        uses: builder.uses,
        traceId: trace_id,
        caller,
        conversationId: id,
      }),
      feedback: turn.ok ? pickFeedback(rng, 0.2) : null,
      askedAt: toDate(start),
      answeredAt: toDate(builder.now),
    });
    const pause = rng.skewed(8_000_000, 240_000_000);
    start = Math.min(builder.now + pause, LAST_TURN_MS * 1000 + index);
    if (start <= builder.now) break;
  }
  return played;
}

/**
 * One conversation with the traces and metrics of its turns.
 * @param {Sources} sources
 * @param {{features: FeatureSet, days: number, turns: number}} plan
 */
function playConversation(sources, { features, days, turns }) {
  const { rng, ids } = sources;
  const agent = rng.weighted(
    features.agents.map((feature, index) => /** @type {const} */ ([feature, 5 - 2 * index])),
  );
  const language = pickLanguage(rng);
  const start = loadInstant(rng, days);
  const _id = ids.objectId(toDate(start));
  const played = playTurns(sources, { features, agent, start, turns, id: String(_id), language });
  const last = /** @type {Played} */ (played.at(-1));
  const closed = last.answeredAt.getTime() < NOW_MS - CLOSED_AFTER_MS && rng.chance(0.93);
  /** @type {Doc[]} */
  const messages = [];
  for (const one of played) {
    messages.push(...messagesOf(rng, one));
    const outcome =
      closed && one === last
        ? {
            resolution_status: rng.weighted([
              ['resolved', 6],
              ['transferred', 2],
              ['not_resolved', 2],
            ]),
            sentiment: rng.weighted([
              ['positive', 4],
              ['neutral', 5],
              ['negative', 2],
            ]),
          }
        : null;
    const facts = { language, messages: messages.length, outcome };
    agentMetric(one.metrics).conversation_data = conversationData(rng, one, facts);
  }
  const document = {
    _id,
    agent: agent.systemName,
    client_id: rng.chance(0.3) ? null : `web:${rng.hex(12)}`,
    trace_id: String(last.trace._id),
    analytics_id: String(agentMetric(last.metrics)._id),
    last_user_message_at: last.askedAt,
    status: closed ? 'Closed' : 'In Progress',
    variables: rng.chance(0.3) ? { customer: { имя: 'Анна', tier: 'gold' }, note: '' } : null,
    created_at: played[0]?.askedAt,
    updated_at: last.answeredAt,
    messages,
  };
  return { document, played };
}

/**
 * @param {Sources} sources
 * @param {{features: FeatureSet, days: number, conversations: number, turns: number}} plan `turns`: of
 *   all conversations together, at least as many as conversations
 */
export function conversationDocuments(sources, { features, days, conversations, turns }) {
  const { rng } = sources;
  const shares = Array.from({ length: conversations }, () => 1);
  for (let left = turns - conversations; conversations > 0 && left > 0; left--) {
    // Some talk on and on, most do not.
    const index = rng.chance(0.4) ? rng.skewed(0, conversations - 1) : rng.int(0, conversations - 1);
    shares[index] = (shares[index] ?? 0) + 1;
  }
  const all = shares.map((share) => playConversation(sources, { features, days, turns: share }));
  const played = all.flatMap((conversation) => conversation.played);
  return {
    conversations: all.map((conversation) => conversation.document),
    traces: played.map((one) => one.trace),
    metrics: played.flatMap((one) => one.metrics),
  };
}
