const FIRST_SIZE = 1024;

/** A set of unsigned 64-bit numbers in 8 bytes each, where a Set of texts would take a hundred. */
export class BigIntSet {
  private values = new BigUint64Array(FIRST_SIZE);
  private length = 0;
  private isSorted = true;

  add(value: bigint): void {
    if (this.length === this.values.length) {
      const larger = new BigUint64Array(this.values.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length] = value;
    this.length += 1;
    this.isSorted = false;
  }

  /** Sorts when something was added since the last call: not to be called in turns with `add`. */
  has(value: bigint): boolean {
    if (!this.isSorted) this.values.subarray(0, this.length).sort();
    this.isSorted = true;
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.values[middle] ?? 0n) < value) low = middle + 1;
      else high = middle;
    }
    return low < this.length && this.values[low] === value;
  }
}
