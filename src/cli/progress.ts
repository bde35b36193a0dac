import type { Ora } from 'ora';
import { clean, type Output } from './output.js';

/** How often plain lines tell the progress of long work. */
const LINE_EVERY_MS = 30_000;
/** How often the drawn line is brought up to date; more often nobody can read. */
const DRAW_EVERY_MS = 100;

/** Below this a line is no help. */
const NARROWEST = 20;

/** Columns of the bar on a terminal. */
const BAR_WIDTH = 20;

/** Shows how long work goes on. Every method may be called at any time; without `start` they do nothing. */
export interface Progress {
  /** Begins a stretch of work. @param total how many there will be, if that is known. */
  start(label: string, total?: number): Promise<void>;
  /** Tells how many are done; cheap enough to call for every row. */
  update(count: number): void;
  /** Ends the stretch with a line that stays. */
  succeed(text: string): void;
  fail(text: string): void;
  /** Ends the stretch without a word. */
  stop(): void;
}

/**
 * Makes the progress display that fits: one redrawn line on a terminal, a line on stderr every
 * thirty seconds elsewhere (in pipes, CI, with NO_COLOR), nothing under --json.
 */
export function createProgress(out: Output): Progress {
  return canAnimate(out) ? new DrawnProgress() : new PlainProgress(out);
}

/** Shows a spinner while `work` goes on; it leaves nothing behind but the work's result or error. */
export async function spin<T>(out: Output, label: string, work: () => Promise<T>): Promise<T> {
  if (!canAnimate(out)) {
    out.detail(`${label}…`);
    return await work();
  }
  const progress = new DrawnProgress();
  await progress.start(label);
  try {
    return await work();
  } finally {
    progress.stop();
  }
}

/** Whether a line may be redrawn. */
export function canAnimate(out: Output): boolean {
  const { CI, NO_COLOR, TERM } = process.env;
  // A terminal that does not know its width (0 columns) cannot be redrawn: ora would never stop clearing.
  const wide = process.stderr.isTTY && process.stderr.columns >= NARROWEST;
  return wide && !out.json && !CI && !NO_COLOR && TERM !== 'dumb';
}

/** Counts one stretch of work: how many, since when, how fast, how long still. */
class Meter {
  readonly #started = performance.now();
  count = 0;

  constructor(
    readonly label: string,
    readonly total: number | undefined,
  ) {}

  /** `Importing traces: 1,200 of 5,000 (24%), 400/s, 10 s left` */
  describe(): string {
    const seconds = (performance.now() - this.#started) / 1000;
    const rate = seconds > 0 ? this.count / seconds : 0;
    const parts = [this.#done()];
    if (this.count > 0 && seconds >= 1) {
      parts.push(`${number(rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate))}/s`);
      if (this.total !== undefined && this.total > this.count) {
        parts.push(`${duration((this.total - this.count) / rate)} left`);
      }
    }
    return `${this.label}: ${parts.join(', ')}`;
  }

  /** `━━━━━━━━━━──────────`; nothing when the total is not known. */
  bar(): string | undefined {
    if (this.total === undefined || this.total === 0) return undefined;
    const full = Math.min(BAR_WIDTH, Math.floor((this.count / this.total) * BAR_WIDTH));
    return '━'.repeat(full) + '─'.repeat(BAR_WIDTH - full);
  }

  #done(): string {
    if (this.total === undefined) return number(this.count);
    const percent = this.total === 0 ? 100 : Math.min(100, Math.floor((this.count / this.total) * 100));
    return `${number(this.count)} of ${number(this.total)} (${String(percent)}%)`;
  }
}

class PlainProgress implements Progress {
  #meter: Meter | undefined;
  // Of all stretches together: many short ones must not go on for long without a word.
  #next = performance.now() + LINE_EVERY_MS;

  constructor(private readonly out: Output) {}

  start(label: string, total?: number): Promise<void> {
    this.#meter = new Meter(label, total);
    return Promise.resolve();
  }

  update(count: number): void {
    if (this.#meter === undefined) return;
    this.#meter.count = count;
    const now = performance.now();
    if (now < this.#next) return;
    this.#next = now + LINE_EVERY_MS;
    this.out.note(this.#meter.describe());
  }

  succeed(text: string): void {
    this.#finish(text);
  }

  fail(text: string): void {
    this.#finish(text);
  }

  stop(): void {
    this.#meter = undefined;
  }

  #finish(text: string): void {
    if (this.#meter === undefined) return;
    this.#meter = undefined;
    this.out.note(text);
  }
}

class DrawnProgress implements Progress {
  #meter: Meter | undefined;
  #line: Ora | undefined;
  #next = 0;

  async start(label: string, total?: number): Promise<void> {
    this.stop();
    const meter = new Meter(clean(label), total);
    this.#meter = meter;
    const { default: ora } = await import('ora');
    // The next stretch began meanwhile: a second line would never be stopped.
    if (this.#meter !== meter) return;
    // stdin is left alone: in raw mode Ctrl-C would be a character and no signal.
    this.#line = ora({ text: meter.label, stream: process.stderr, discardStdin: false }).start();
    process.once('exit', this.#restore);
  }

  update(count: number): void {
    if (this.#meter === undefined || this.#line === undefined) return;
    this.#meter.count = count;
    const now = performance.now();
    if (now < this.#next) return;
    this.#next = now + DRAW_EVERY_MS;
    const bar = this.#meter.bar();
    this.#line.text = `${bar === undefined ? '' : `${bar} `}${this.#meter.describe()}`;
  }

  succeed(text: string): void {
    this.#end((line) => line.succeed(clean(text)));
  }

  fail(text: string): void {
    this.#end((line) => line.fail(clean(text)));
  }

  stop(): void {
    this.#end((line) => line.stop());
  }

  readonly #restore = (): void => {
    this.stop();
  };

  #end(finish: (line: Ora) => void): void {
    const line = this.#line;
    this.#line = undefined;
    this.#meter = undefined;
    process.off('exit', this.#restore);
    if (line !== undefined) finish(line);
  }
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** `40 s`, `12 min`, `3 h 20 min` */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${String(whole)} s`;
  const minutes = Math.ceil(whole / 60);
  if (minutes < 60) return `${String(minutes)} min`;
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}
