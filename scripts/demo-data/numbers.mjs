import { Decimal128, Double, Long } from 'bson';

/** @typedef {import('./prng.mjs').Rng} Rng */

/**
 * The same number in one of the kinds BSON has for it. Nearly all stay what a driver makes of a plain
 * number (Int32 or Double); a few become a Double without fraction, a Long or a Decimal128, as data
 * written by several services over the years is.
 * @param {Rng} rng
 * @param {number} value
 */
export function anyKind(rng, value) {
  const draw = rng.float();
  if (draw < 0.01) return Decimal128.fromString(String(value));
  if (!Number.isInteger(value)) return value;
  if (draw < 0.05) return Long.fromNumber(value);
  return draw < 0.35 ? new Double(value) : value;
}
