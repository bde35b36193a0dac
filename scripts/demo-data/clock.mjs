/**
 * Time in the demo data. Instants are integers of microseconds since 1970: the platform measures
 * latencies to the microsecond while MongoDB keeps dates to the millisecond, and the data must show
 * both (`latency: 9748.601` beside two millisecond dates).
 */

/** @typedef {import('./prng.mjs').Rng} Rng */

const DAY_MS = 86_400_000;

/** The demo's "now": the instant right after the last covered minute. Nothing reads the real clock. */
export const NOW_MS = Date.UTC(2025, 7, 23);

/** How the requests of a day spread over its hours (UTC), 0 to 23. */
const HOUR_WEIGHTS = [2, 1, 1, 1, 2, 4, 9, 18, 30, 38, 40, 36, 30, 36, 40, 37, 30, 22, 14, 10, 8, 6, 4, 3];
/** How the requests of a week spread over its days, Sunday first as Date counts them. */
const WEEKDAY_WEIGHTS = [18, 95, 110, 112, 104, 84, 24];

/** Work that starts this late in the window could end outside of it. */
const TAIL_MS = 15 * 60_000;

/**
 * @param {number} days how many days back from the demo's "now" the data covers
 * @returns {{startMs: number, endMs: number}} first instant, and the first instant after the window
 */
function windowOf(days) {
  return { startMs: NOW_MS - days * DAY_MS, endMs: NOW_MS };
}

/**
 * An instant in the window, in microseconds, following the weekly and daily load.
 * @param {Rng} rng
 * @param {number} days
 */
export function loadInstant(rng, days) {
  const { startMs, endMs } = windowOf(days);
  /** @type {[number, number][]} */
  const weighted = Array.from({ length: days }, (_, day) => {
    const dayMs = startMs + day * DAY_MS;
    return [dayMs, /** @type {number} */ (WEEKDAY_WEIGHTS[new Date(dayMs).getUTCDay()])];
  });
  const dayMs = rng.weighted(weighted);
  const hour = rng.weighted(HOUR_WEIGHTS.map((weight, index) => /** @type {const} */ ([index, weight])));
  const ms = Math.min(dayMs + hour * 3_600_000 + rng.int(0, 3_599_999), endMs - TAIL_MS - rng.int(0, 60_000));
  return ms * 1000 + rng.int(0, 999);
}

/**
 * The date MongoDB would keep of an instant.
 * @param {number} micros
 */
export function toDate(micros) {
  return new Date(Math.floor(micros / 1000));
}

/**
 * A duration as the platform writes latencies: milliseconds with up to three decimals.
 * @param {number} micros
 */
export function toLatency(micros) {
  return micros / 1000;
}

/**
 * A date so many days (fractions allowed) before the demo's "now".
 * @param {number} days
 */
export function daysAgo(days) {
  return new Date(NOW_MS - Math.round(days * DAY_MS));
}

/**
 * An instant as the platform's scheduler writes it: ISO 8601 text with an explicit offset.
 * @param {Date} date
 */
export function toOffsetText(date) {
  return date.toISOString().replace('Z', '000+00:00');
}
