/*
 * Looking at four bytes at once, as one 32-bit number. A plain loop over bytes is most of what writing text costs.
 * The tests are those of Sean Eron Anderson's "Bit Twiddling Hacks"; they may say yes wrongly, never no.
 */

const EACH = 0x01010101;
const HIGH_BITS = 0x80808080;

/** The same byte four times. */
export const fourTimes = (byte: number): number => Math.imul(byte, EACH);

/** Whether one of four bytes may be less than a byte that is there four times, which is below 0x80. */
export function mayHaveLess(four: number, limits: number): boolean {
  return ((four - limits) & ~four & HIGH_BITS) !== 0;
}

/** Whether one of four bytes may be the byte that is there four times. */
export function mayHave(four: number, bytes: number): boolean {
  const difference = four ^ bytes;
  return ((difference - EACH) & ~difference & HIGH_BITS) !== 0;
}

/** A buffer to look at four bytes of at once: made anew for another buffer only, since making it takes its time. */
export class FourBytes {
  private buffer: Uint8Array | undefined;
  private view: DataView = new DataView(new ArrayBuffer(0));

  of(buffer: Uint8Array): DataView {
    if (this.buffer !== buffer) {
      this.buffer = buffer;
      this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    }
    return this.view;
  }
}
