/** A transaction should take about so long: long enough to be worth it, short enough to be repeated. */
const FAST_MS = 400;
const SLOW_MS = 2000;
const FIRST = 100;
const LEAST = 10;

/** How many documents make a transaction: more while the database is fast, fewer when it is slow. */
export class BatchSize {
  /** Documents of the next transaction. */
  current: number;

  /** @param most what the user allows */
  constructor(private readonly most: number) {
    this.current = Math.min(FIRST, most);
  }

  /** Learns from a transaction of so many documents. */
  learn(documents: number, ms: number): void {
    if (ms > SLOW_MS) this.current = Math.min(this.most, Math.max(LEAST, Math.floor(documents / 2)));
    else if (ms < FAST_MS && documents >= this.current) this.current = Math.min(this.most, this.current * 2);
  }

  /** A transaction was refused for being one of many: a deadlock, a time limit. */
  shrink(): void {
    this.current = Math.min(this.most, Math.max(LEAST, Math.floor(this.current / 2)));
  }
}
