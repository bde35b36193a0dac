/**
 * Lets one caller at a time through, in the order of their asking: what a pool of one connection does,
 * for a database that has no pool.
 */
export class Turn {
  private readonly waiting: (() => void)[] = [];
  private taken = false;

  /** @param timeoutMs longest wait; 0 is for ever */
  constructor(private readonly timeoutMs: number) {}

  /**
   * Waits until it is the caller's turn.
   * @returns what ends it; without effect the second time
   * @throws what `late` makes, when the turn does not come in time
   */
  async take(late: (waitedMs: number) => Error): Promise<() => void> {
    if (this.taken) await this.wait(late);
    this.taken = true;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const next = this.waiting.shift();
      // Handed over without becoming free, so that nobody comes between.
      if (next) next();
      else this.taken = false;
    };
  }

  private wait(late: (waitedMs: number) => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.waiting.splice(this.waiting.indexOf(begin), 1);
        reject(late(this.timeoutMs));
      };
      const timer = this.timeoutMs > 0 ? setTimeout(giveUp, this.timeoutMs) : undefined;
      const begin = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.waiting.push(begin);
    });
  }
}
