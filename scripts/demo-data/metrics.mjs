import { toDate, toLatency } from './clock.mjs';
import { ticksToNumber } from './money.mjs';
import { anyKind } from './numbers.mjs';

/** @typedef {import('./callers.mjs').Caller} Caller */
/** @typedef {import('./common.mjs').Doc} Doc */
/** @typedef {import('./common.mjs').Sources} Sources */
/** @typedef {import('./trace-builder.mjs').Use} Use */

/**
 * The metrics documents of a request, one per use of a feature. Most link to their trace by its id as
 * text; some, written by an older service, by the ObjectId itself.
 * @param {Sources} sources
 * @param {{uses: readonly Use[], traceId: import('bson').ObjectId | string, caller: Caller, conversationId: string | null}} request
 * @returns {Doc[]}
 */
export function metricDocuments({ rng, ids }, { uses, traceId, caller, conversationId }) {
  const link = rng.chance(0.08) ? traceId : String(traceId);
  return uses.map((use) => ({
    _id: ids.objectId(toDate(use.end)),
    feature_type: use.feature.type,
    feature_system_name: use.feature.systemName,
    feature_name: use.feature.name,
    ...(use.feature.id === null ? {} : { feature_id: use.feature.id }),
    feature_variant: use.variant,
    trace_id: link,
    status: use.status,
    channel: caller.channel,
    source: caller.source,
    user_id: caller.userId,
    consumer_name: use.consumer.name,
    consumer_type: use.consumer.type,
    start_time: toDate(use.start),
    end_time: toDate(use.end),
    latency: anyKind(rng, toLatency(use.end - use.start)),
    cost: anyKind(rng, ticksToNumber(use.cost)),
    ...(conversationId === null
      ? rng.chance(0.5)
        ? { conversation_id: null }
        : {}
      : { conversation_id: conversationId }),
    ...(use.extra === null ? (rng.chance(0.3) ? { extra_data: null } : {}) : { extra_data: use.extra }),
    ...(caller.attributes === null ? {} : { x_attributes: caller.attributes }),
    ...(rng.chance(0.02) ? { billing_tag: 'Проект №7, "B"' } : {}),
  }));
}

/**
 * The agent's own metric among those of a turn, to which the conversation's data belongs.
 * @param {readonly Doc[]} metrics
 * @returns {Doc}
 */
export function agentMetric(metrics) {
  const metric = metrics.find((candidate) => candidate.feature_type === 'agent');
  if (metric === undefined) throw new Error('A turn of an agent left no metric of the agent');
  return metric;
}
