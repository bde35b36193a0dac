import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES, type ErrorCode } from '../../src/errors/codes.js';
import { DbtoolError } from '../../src/errors/dbtool-error.js';

describe('DbtoolError', () => {
  it('carries what happened, why, what to do, facts and cause', () => {
    const cause = new Error('below');
    const error = new DbtoolError('import.source.missing', {
      message: 'x does not exist',
      why: 'There is no such file.',
      fix: 'Check the path.',
      details: { path: 'x' },
      cause,
    });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'DbtoolError',
      code: 'import.source.missing',
      message: 'x does not exist',
      why: 'There is no such file.',
      fix: 'Check the path.',
      details: { path: 'x' },
      cause,
    });
    expect(error.stack).toContain('dbtool-error.test');
  });

  it('may know no more than what happened', () => {
    const error = new DbtoolError('database.failed', { message: 'm' });
    expect([error.why, error.fix, error.details]).toEqual([undefined, undefined, undefined]);
    expect('cause' in error).toBe(false);
  });

  it.each(Object.keys(ERROR_CODES) as ErrorCode[])('ends the process as the table says: %s', (code) => {
    expect(new DbtoolError(code, { message: 'm' }).exitCode).toBe(ERROR_CODES[code].exit);
  });
});
