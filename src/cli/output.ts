import { redact } from '../config/redact.js';
import { paint, takesColor } from './colors.js';
import { printableLines } from './printable.js';
import { writeStdout } from './stdout.js';

export interface OutputOptions {
  /** `--json` was given: stdout carries one JSON document and nothing else. */
  json: boolean;
  /** `--verbose` was given: `detail` lines are shown. */
  verbose: boolean;
}

/**
 * Where a command says what it has to say. Data goes to stdout, everything else to stderr; messages
 * are cleared of secrets and of terminal escapes, data is passed on as it is.
 */
export class Output {
  readonly json: boolean;
  readonly verbose: boolean;
  readonly #warnings: string[] = [];

  constructor(options: OutputOptions) {
    this.json = options.json;
    this.verbose = options.verbose;
  }

  /** The warnings so far; under --json they stand in the document. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Prints the command's result, with a line end, on stdout. Nothing under --json. */
  data(text: string): void {
    if (!this.json) process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /**
   * Streams a piece of the result to stdout and waits while the reader is slow. Nothing under --json.
   *
   * @throws PipeClosed when the reader has gone (let it pass: the command then ends quietly with 0);
   *   DbtoolError output.failed when the write failed.
   */
  async write(chunk: string): Promise<void> {
    if (!this.json) await writeStdout(chunk);
  }

  /** Tells a person something that is no data, on stderr. Nothing under --json. */
  note(text: string): void {
    if (!this.json) printToStderr(text);
  }

  /** As `note`, but only with --verbose. */
  detail(text: string): void {
    if (this.verbose) this.note(text);
  }

  /** Warns on stderr, under --json too; there the document carries the warning as well. */
  warn(text: string): void {
    this.#warnings.push(redact(text));
    printToStderr(`${paint('yellow', 'Warning:', takesColor(process.stderr))} ${clean(text)}`, true);
  }
}

/** Prints a line on stderr, without secrets and (unless it is `cleaned` already) terminal escapes. */
export function printToStderr(text: string, cleaned = false): void {
  process.stderr.write(`${cleaned ? text : clean(text)}\n`);
}

/** What may be shown on a terminal of a text that may hold secrets or foreign data. */
export function clean(text: string): string {
  return printableLines(redact(text));
}
