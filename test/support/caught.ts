import { DbtoolError } from '../../src/errors/dbtool-error.js';

/** The coded error that `work` ends with; anything else, success included, fails the test. */
export async function caught(work: () => unknown): Promise<DbtoolError> {
  let result: unknown;
  try {
    result = await work();
  } catch (error) {
    if (error instanceof DbtoolError) return error;
    throw error;
  }
  throw new Error(`there was no error, but ${JSON.stringify(result)}`);
}
