import { DbtoolError } from '../errors/dbtool-error.js';
import { parsePointInTime } from './point-in-time.js';

/** From `from` on, up to but not including `to`. */
export interface TimeRange {
  from?: Date;
  to?: Date;
}

/**
 * Reads `--from` and `--to`.
 * @throws DbtoolError `usage.time.invalid`, `usage.range.reversed`
 */
export function parseTimeRange(from: string | undefined, to: string | undefined, now: Date): TimeRange {
  const range = {
    from: from === undefined ? undefined : parsePointInTime(from, '--from', now),
    to: to === undefined ? undefined : parsePointInTime(to, '--to', now),
  };
  if (range.from && range.to && range.from >= range.to) {
    throw new DbtoolError('usage.range.reversed', {
      message: `--from ${String(from)} is not before --to ${String(to)}`,
      why: `--from means ${range.from.toISOString()}, --to means ${range.to.toISOString()}; what starts at --to is not included.`,
      fix: 'Exchange them, or widen the range.',
    });
  }
  return range;
}
