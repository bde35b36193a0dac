import { ObjectId } from 'bson';

/** @typedef {import('./prng.mjs').Rng} Rng */

/**
 * ObjectIds as MongoDB drivers make them (4 bytes of seconds, 5 bytes per process, a 3-byte counter)
 * but from a seeded stream. A few "processes" take turns, as behind a load balancer.
 */
export class IdFactory {
  /** @param {Rng} rng */
  constructor(rng) {
    this.rng = rng;
    this.processes = Array.from({ length: 3 }, () => rng.hex(10));
    this.counter = rng.int(0, 0xffff);
  }

  /**
   * @param {Date} date when the document was born
   * @returns {ObjectId}
   */
  objectId(date) {
    const seconds = Math.floor(date.getTime() / 1000)
      .toString(16)
      .padStart(8, '0');
    this.counter = (this.counter + 1) & 0xffffff;
    return new ObjectId(seconds + this.rng.pick(this.processes) + this.counter.toString(16).padStart(6, '0'));
  }
}
