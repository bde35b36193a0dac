/**
 * A text as its UTF-8 bytes, for a row that is to be written: what comes as bytes and goes as bytes need not become
 * a string in between, which costs more than all else that is done with it. Made of what is known to be well-formed
 * and to hold no NUL; as a string it is as any other.
 */
export class EncodedText {
  /** @param buffer is not to be changed from `start` to `end` */
  constructor(
    readonly buffer: Buffer,
    readonly start: number,
    readonly end: number,
  ) {}

  get byteLength(): number {
    return this.end - this.start;
  }

  toString(): string {
    return this.buffer.toString('utf8', this.start, this.end);
  }
}
