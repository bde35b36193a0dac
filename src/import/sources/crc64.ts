/** The ECMA-182 polynomial, its bits turned round, in two halves. */
const POLYNOMIAL_HIGH = 0xc96c5795;
const POLYNOMIAL_LOW = 0xd7870f42;

const [HIGH, LOW] = tables();

function tables(): [Uint32Array, Uint32Array] {
  const [high, low] = [new Uint32Array(256), new Uint32Array(256)];
  for (let byte = 0; byte < 256; byte += 1) {
    let [h, l] = [0, byte];
    for (let bit = 0; bit < 8; bit += 1) {
      const isOdd = (l & 1) === 1;
      l = (l >>> 1) | (h << 31);
      h >>>= 1;
      if (isOdd) [h, l] = [h ^ POLYNOMIAL_HIGH, l ^ POLYNOMIAL_LOW];
    }
    high[byte] = h;
    low[byte] = l;
  }
  return [high, low];
}

/** CRC-64 as mongodump takes it of a collection's bytes (CRC-64/XZ; of "123456789" 995dc9bbdf1939fa). */
export class Crc64 {
  private high = 0xffffffff;
  private low = 0xffffffff;

  update(bytes: Uint8Array): void {
    let { high, low } = this;
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = (low ^ (bytes[at] ?? 0)) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (LOW[byte] ?? 0);
      high = (high >>> 8) ^ (HIGH[byte] ?? 0);
    }
    this.high = high;
    this.low = low;
  }

  /** @returns the checksum of all bytes so far, from 0 to 2^64 - 1 */
  value(): bigint {
    return (BigInt(~this.high >>> 0) << 32n) | BigInt(~this.low >>> 0);
  }
}
