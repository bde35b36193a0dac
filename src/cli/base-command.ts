import { Command } from '@oclif/core/command';
import type { FlagInput } from '@oclif/core/parser';
import type { InferredArgs, InferredFlags } from '@oclif/core/interfaces';
import { DbtoolError } from '../errors/dbtool-error.js';
import { baseFlags, hasFlag } from './base-flags.js';
import { type CommandResult, reportError, reportResult, toDbtoolError } from './failure.js';
import { Output } from './output.js';
import { fromParser, guardArgs, guardFlags } from './parse-errors.js';
import { askYesNo, canAsk, confirmationNeeded, declined } from './prompt.js';
import { watchForStop } from './signals.js';
import { guardStreams, PipeClosed } from './stdout.js';

/** The parsed flags of a command, the global ones included. */
export type CommandFlags<T extends typeof Command> = InferredFlags<typeof baseFlags & T['flags']>;
/** The parsed arguments of a command. */
export type CommandArgs<T extends typeof Command> = InferredArgs<T['args']>;
/** The parsed global flags, which every command has. */
export type GlobalFlags = InferredFlags<typeof baseFlags>;

/**
 * What all commands share: global flags, one way to report results and failures, signals.
 *
 * A command is `class X extends BaseCommand<typeof X>` with static `summary`, `description`,
 * `examples`, `flags` and `args`, and an `execute()` that parses nothing and exits nowhere: it works
 * with `this.flags` and `this.args`, tells people things through `this.out`, gives back its result,
 * and throws a DbtoolError for what is foreseen. Everything else that is thrown is shown as a bug.
 *
 * Exit codes are the same with and without `--json`.
 */
export abstract class BaseCommand<T extends typeof Command> extends Command {
  static override baseFlags = baseFlags;

  protected readonly out: Output;
  protected flags!: CommandFlags<T>;
  protected args!: CommandArgs<T>;

  /**
   * Whether the command looks at `abortSignal`. Only then does it get the chance to end its batch; the
   * first signal ends any other command at once.
   */
  protected interruptible = false;

  /** Aborted when the user wants to stop or nobody reads the output any more. */
  protected abortSignal: AbortSignal = new AbortController().signal;

  constructor(...parameters: ConstructorParameters<typeof Command>) {
    super(...parameters);
    // Read before anything is parsed: a fault in the flags must be reported the right way, too.
    this.out = new Output({ json: hasFlag(this.argv, '--json'), verbose: hasFlag(this.argv, '--verbose') });
  }

  /** Does the work. `data` is what `--json` prints; text for people goes through `this.out`. */
  protected abstract execute(): Promise<CommandResult>;

  /** The global flags, typed also where the command's own are not known. */
  protected get globals(): GlobalFlags {
    return this.flags;
  }

  /** Runs the command and sets the process's exit code. Commands override `execute`, never this. */
  override async run(): Promise<void> {
    guardStreams();
    const watch = watchForStop(this.interruptible, this.out);
    this.abortSignal = watch.signal;
    try {
      await this.parseInput();
      const result = await this.execute();
      process.exitCode = watch.signal.aborted
        ? this.reportStop(watch.signal.reason, undefined, result)
        : reportResult(result, this.out);
    } catch (error) {
      process.exitCode = watch.signal.aborted
        ? this.reportStop(watch.signal.reason, error)
        : isPipeClosed(error)
          ? 0
          : reportError(error, this.out);
    } finally {
      watch.release();
    }
  }

  /**
   * Has a destructive step confirmed: by `--yes`, or by asking on a terminal.
   *
   * @param question a yes-or-no question with its question mark.
   * @param options.destroys what would be lost, as the object of a sentence: `all tables of staging`.
   * @throws DbtoolError prompt.declined, or usage.confirmation.needed where nobody can be asked.
   */
  protected async confirm(question: string, { destroys }: { destroys: string }): Promise<void> {
    if ((this.flags as { yes?: unknown }).yes === true) return;
    if (!canAsk()) throw confirmationNeeded(destroys);
    if (!(await askYesNo(question, this.abortSignal))) throw declined(destroys);
  }

  override log(message = ''): void {
    this.out.data(message);
  }

  override logToStderr(message = ''): void {
    this.out.note(message);
  }

  override warn(input: Error | string): Error | string {
    this.out.warn(typeof input === 'string' ? input : input.message);
    return input;
  }

  /** Errors are reported by `run`; what comes here slipped past it and is main's to report. */
  protected override catch(error: Error): Promise<never> {
    return Promise.reject(error);
  }

  private async parseInput(): Promise<void> {
    const { flags, baseFlags: shared, args, strict } = this.ctor;
    const known = { ...shared, ...flags };
    // Told even when parsing fails, or oclif warns that the command never parsed anything.
    this.parsed = true;
    try {
      const parsed = await this.parse({
        flags: guardFlags(known as FlagInput),
        args: guardArgs(args),
        strict,
      });
      this.flags = parsed.flags as CommandFlags<T>;
      this.args = parsed.args as CommandArgs<T>;
    } catch (error) {
      const name = `${this.config.bin} ${(this.id ?? '').replaceAll(':', ' ')}`;
      throw fromParser(error, name, Object.keys(known));
    }
  }

  /** Reports that the command was stopped, which weighs more than how it then ended. */
  private reportStop(reason: unknown, error: unknown, result?: CommandResult): number {
    const follows = error === undefined || error === reason || isAbort(error) || isPipeClosed(error);
    if (reason instanceof PipeClosed) {
      // `| head` has seen enough. A failure that does not come from that must still be told.
      return follows ? 0 : reportError(error, this.out);
    }
    if (error instanceof DbtoolError && error.code.startsWith('signal.')) return reportError(error, this.out);
    const stop = reason as DbtoolError;
    if (follows) return reportError(stop, this.out, result?.data);
    const told = toDbtoolError(error).message;
    const parts = { message: stop.message, why: `While stopping, this failed: ${told}`, cause: error };
    return reportError(new DbtoolError(stop.code, parts), this.out);
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function isPipeClosed(error: unknown): boolean {
  return (
    error instanceof PipeClosed ||
    (error instanceof Error && error.cause !== undefined && isPipeClosed(error.cause))
  );
}
