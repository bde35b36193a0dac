import { DbtoolError } from '../errors/dbtool-error.js';
import type { Progress } from './recorder.js';

/** Where a migration that stopped half-way goes on. */
export interface Resumption {
  /** Statements that are there already. */
  done: number;
  /** The checksum of the first so many, as the history has it. */
  recorded: { count: number; checksum: string | null };
}

interface ResumedTask {
  name: string;
  loaded: { file: string };
  resumption: Resumption | undefined;
}

/**
 * What has been run of it must be what it begins with now, or the rest would follow something else.
 * @throws DbtoolError `migrate.resume.changed`
 */
export function refuseOtherStatements(
  { name, loaded, resumption }: ResumedTask,
  before: Progress,
  isEnd = false,
): void {
  if (!resumption) return;
  const { count, checksum } = resumption.recorded;
  const isSame = before.count !== count || checksum === null || before.checksum === checksum;
  const isShorter = isEnd && before.count < Math.max(count, resumption.done);
  if (isSame && !isShorter) return;
  throw new DbtoolError('migrate.resume.changed', {
    message: `The migration ${name} cannot go on where it stopped`,
    why: `Its first ${count} statements are not those that were run: ${loaded.file} was changed, or it depends on data that was.`,
    fix: 'Restore the file; or finish or undo by hand what was begun, and run `dbtool migrate repair --mark applied` or `--mark pending`.',
  });
}

export function isChanged(error: unknown): boolean {
  return error instanceof DbtoolError && error.code === 'migrate.resume.changed';
}
