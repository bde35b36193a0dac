/**
 * Costs as exact decimals: integers of 10^-10 currency units ("ticks"), so that a trace's
 * cost is the sum of its spans' costs to the last digit. A double appears only where a document does.
 */

const SCALE = 10;
const ONE = 10n ** BigInt(SCALE);

/**
 * @param {string} text a plain decimal such as `0.075`, at most ten decimals
 * @returns {bigint} ticks
 */
export function parseTicks(text) {
  const match = /^(\d+)(?:\.(\d{1,10}))?$/.exec(text);
  if (match === null) throw new Error(`Not a plain decimal with at most ${SCALE} decimals: ${text}`);
  return BigInt(match[1] ?? '0') * ONE + BigInt((match[2] ?? '').padEnd(SCALE, '0'));
}

/**
 * What `tokens` cost at `price` per `unitCount` tokens, rounded half up to ten decimals.
 * @param {number} tokens
 * @param {bigint} price ticks
 * @param {number} unitCount
 * @returns {bigint} ticks
 */
export function costTicks(tokens, price, unitCount) {
  const unit = BigInt(unitCount);
  return (BigInt(tokens) * price * 2n + unit) / (unit * 2n);
}

/**
 * @param {bigint} ticks not negative
 * @returns {string} a plain decimal without trailing zeros
 */
function ticksToText(ticks) {
  const fraction = (ticks % ONE).toString().padStart(SCALE, '0').replace(/0+$/, '');
  return fraction === '' ? `${ticks / ONE}` : `${ticks / ONE}.${fraction}`;
}

/**
 * The double nearest to the exact decimal, as the platform stores costs.
 * @param {bigint} ticks
 */
export function ticksToNumber(ticks) {
  return Number(ticksToText(ticks));
}
