import { DbtoolError } from '../../errors/dbtool-error.js';

/** Why a SQL text cannot be read, and where; it becomes a coded error where the file is known. */
export class SqlFault extends Error {
  constructor(
    /** 1-based. */
    readonly line: number,
    /** What is wrong, as the rest of a sentence. */
    readonly what: string,
    readonly fix?: string,
  ) {
    super(what);
  }
}

/**
 * Runs `work`, and names the file in what it throws.
 * @throws DbtoolError `migrate.source.invalid`
 */
export function namingFile<T>(file: string | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SqlFault)) throw error;
    const { line, what, fix } = error;
    throw new DbtoolError('migrate.source.invalid', {
      message: `${file === undefined ? 'The SQL text' : file}, line ${line}: ${what}`,
      ...(fix === undefined ? {} : { fix }),
      details: { ...(file === undefined ? {} : { file }), line },
    });
  }
}
