/**
 * A small seeded generator (sfc32) of our own: the dump must come out the same on every machine and
 * Node version, so nothing here may use Math.random or the transcendental Math functions, whose last
 * bit is left to the implementation.
 */

/**
 * Mixes a text into four 32-bit words (the xmur3 finaliser over an FNV-like walk).
 * @param {string} text
 * @returns {[number, number, number, number]}
 */
function seedWords(text) {
  let hash = 1779033703 ^ text.length;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 3432918353);
    hash = (hash << 13) | (hash >>> 19);
  }
  const next = () => {
    hash = Math.imul(hash ^ (hash >>> 16), 2246822507);
    hash = Math.imul(hash ^ (hash >>> 13), 3266489909);
    hash ^= hash >>> 16;
    return hash >>> 0;
  };
  return [next(), next(), next(), next()];
}

export class Rng {
  /** @param {string} seed any text; equal texts give equal streams */
  constructor(seed) {
    this.seed = seed;
    const [a, b, c, d] = seedWords(seed);
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
    for (let i = 0; i < 12; i++) this.word();
  }

  /**
   * An independent stream named after its concern, so that a draw more in one part of the generator
   * leaves every other part's data as it was.
   * @param {string} label
   */
  fork(label) {
    return new Rng(`${this.seed}/${label}`);
  }

  /** The next 32 bits, 0 to 2^32 - 1. */
  word() {
    const sum = (this.a + this.b + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + sum) | 0;
    return sum >>> 0;
  }

  /** A double in [0, 1). */
  float() {
    return this.word() / 4294967296;
  }

  /**
   * An integer from `low` to `high`, both included; the range must be below 2^32.
   * @param {number} low
   * @param {number} high
   */
  int(low, high) {
    return low + Math.floor(this.float() * (high - low + 1));
  }

  /**
   * An integer from `low` to `high` whose distribution leans to the low end with a long tail, as
   * durations and token counts do.
   * @param {number} low
   * @param {number} high
   */
  skewed(low, high) {
    const x = this.float() * this.float() * (0.4 + 0.6 * this.float());
    return low + Math.floor(x * (high - low + 1));
  }

  /**
   * True with the given probability.
   * @param {number} probability
   */
  chance(probability) {
    return this.float() < probability;
  }

  /**
   * @template T
   * @param {readonly T[]} items not empty
   * @returns {T}
   */
  pick(items) {
    return /** @type {T} */ (items[this.int(0, items.length - 1)]);
  }

  /**
   * @template T
   * @param {readonly (readonly [T, number])[]} pairs value and weight
   * @returns {T}
   */
  weighted(pairs) {
    let left = this.float() * pairs.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [value, weight] of pairs) {
      left -= weight;
      if (left < 0) return value;
    }
    return /** @type {readonly [T, number]} */ (pairs.at(-1))[0];
  }

  /**
   * `count` lower-case hex digits.
   * @param {number} count
   */
  hex(count) {
    let digits = '';
    while (digits.length < count) digits += this.word().toString(16).padStart(8, '0');
    return digits.slice(0, count);
  }

  /** A random (version 4) UUID in its text form. */
  uuid() {
    const h = this.hex(32);
    const variant = '89ab'[this.int(0, 3)];
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-${variant}${h.slice(17, 20)}-${h.slice(20)}`;
  }
}
