import { createHash } from 'node:crypto';

/** Into how many ranges the documents of a collection are divided, by a hash of their ids. */
const RANGES = 4096;

/** The range that a document falls into, from 0. */
export function rangeOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt16BE(0) % RANGES;
}

/**
 * What is in each range: how many documents, and a sum over the hashes of their rows, which is the same in
 * whatever order they come. Takes the same memory for any number of them.
 */
export class Ranges {
  private readonly documents = new Uint32Array(RANGES);
  private readonly sums = new BigUint64Array(2 * RANGES);

  /** Adds a row of the document, its own or a child's. */
  add(range: number, content: string, isDocument: boolean): void {
    const digest = createHash('sha256').update(content).digest();
    for (const half of [0, 1]) {
      const at = 2 * range + half;
      // Wraps around at 2^64.
      this.sums[at] = (this.sums[at] ?? 0n) + digest.readBigUInt64LE(8 * half);
    }
    if (isDocument) this.documents[range] = this.count(range) + 1;
  }

  /** Number of documents in a range. */
  count(range: number): number {
    return this.documents[range] ?? 0;
  }

  /** The ranges that hold something else here than there. */
  differing(other: Ranges): number[] {
    return [...this.documents.keys()].filter(
      (range) =>
        this.count(range) !== other.count(range) ||
        [0, 1].some((half) => this.sums[2 * range + half] !== other.sums[2 * range + half]),
    );
  }
}
