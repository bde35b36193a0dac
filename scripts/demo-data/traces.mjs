import { Double } from 'bson';

import { toDate, toLatency } from './clock.mjs';
import { ticksToNumber } from './money.mjs';
import { anyKind } from './numbers.mjs';

/** @typedef {import('bson').ObjectId} ObjectId */
/** @typedef {import('./callers.mjs').Caller} Caller */
/** @typedef {import('./common.mjs').Doc} Doc */
/** @typedef {import('./common.mjs').Sources} Sources */
/** @typedef {import('./features.mjs').Feature} Feature */
/** @typedef {import('./prng.mjs').Rng} Rng */
/** @typedef {import('./trace-builder.mjs').SpanRecord} SpanRecord */
/** @typedef {import('./trace-builder.mjs').TraceBuilder} TraceBuilder */

const TEXT_ID_SHARE = 0.15;
const COST_KINDS = /** @type {const} */ (['chat', 'embed', 'rerank']);

/**
 * An id as traces have it: most an ObjectId, some 32 hex digits of another tracer.
 * @param {Sources} sources
 * @param {number} start microseconds
 * @returns {ObjectId | string}
 */
export function traceId({ rng, ids }, start) {
  return rng.chance(TEXT_ID_SHARE) ? rng.hex(32) : ids.objectId(toDate(start));
}

/**
 * @param {Rng} rng
 * @param {readonly SpanRecord[]} records
 */
function costsByType(rng, records) {
  const ticks = COST_KINDS.map((kind) =>
    records.reduce((sum, { span, cost }) => (span.type === kind ? sum + (cost ?? 0n) : sum), 0n),
  );
  const total = ticks.reduce((sum, part) => sum + part, 0n);
  const value = (/** @type {bigint} */ part) =>
    part === 0n && rng.chance(0.5) ? new Double(0) : ticksToNumber(part);
  return {
    ...Object.fromEntries(COST_KINDS.map((kind, index) => [kind, value(ticks[index] ?? 0n)])),
    total: anyKind(rng, ticksToNumber(total)),
  };
}

/**
 * Cuts a played request at a moment in its middle, as it looks while it is still running.
 * @param {Rng} rng
 * @param {readonly SpanRecord[]} records
 * @returns {SpanRecord[]}
 */
function cutAt(rng, records) {
  // In the middle of the longest span, so that at least that one is open.
  const longest = records.reduce((a, b) => (b.end - b.start > a.end - a.start ? b : a));
  const now = longest.start + Math.floor((longest.end - longest.start) * (0.3 + 0.5 * rng.float()));
  return records
    .filter((record) => record.start <= now)
    .map((record) => {
      if (record.end <= now) return record;
      const open = {
        ...record.span,
        // Some services write the null, others nothing at all.
        end_time: rng.chance(0.5) ? null : undefined,
        latency: null,
        status: 'running',
        status_message: null,
        output: null,
        usage_details: null,
        cost_details: null,
      };
      return { ...record, span: open, cost: null };
    });
}

/**
 * @param {Rng} rng
 * @param {Feature} feature
 * @param {string | null} variant
 */
function extraData(rng, feature, variant) {
  if (feature.type === 'prompt-template') return rng.chance(0.5) ? {} : null;
  return {
    params: { system_name: feature.systemName, ...(variant === null ? {} : { variant }) },
    ...(rng.chance(0.05) ? { tags: ['=1+1', 'a,b', ''] } : {}),
  };
}

/**
 * The trace document of a played request.
 * @param {{rng: Rng, id: ObjectId | string, builder: TraceBuilder, feature: Feature,
 *   variant: string | null, caller: Caller, running: boolean}} request
 * @returns {Doc}
 */
export function traceDocument({ rng, id, builder, feature, variant, caller, running }) {
  const records = running ? cutAt(rng, builder.records) : builder.records;
  const first = Math.min(...records.map((record) => record.start));
  const last = Math.max(...records.map((record) => record.end));
  const end = running
    ? { ...(rng.chance(0.5) ? { end_time: null } : {}), latency: null }
    : { end_time: toDate(last), latency: anyKind(rng, toLatency(last - first)) };
  return {
    _id: id,
    name: feature.name,
    type: feature.type,
    status: running ? 'running' : builder.failure === null ? 'success' : 'error',
    channel: caller.channel,
    source: caller.source,
    // A caller unknown from the start has no field at all in half of the cases.
    ...(caller.userId === null && rng.chance(0.5) ? {} : { user_id: caller.userId }),
    start_time: toDate(first),
    ...end,
    cost_details: costsByType(rng, records),
    extra_data: extraData(rng, feature, variant),
    // Fields that no mapping knows must survive as they are.
    ...(rng.chance(0.03) ? { service_version: '1.42.0', region: { zone: 'eu-1', канарейка: true } } : {}),
    spans: records.map((record) => record.span),
  };
}
