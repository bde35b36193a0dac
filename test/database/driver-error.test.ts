import { afterEach, describe, expect, it } from '@jest/globals';
import { createConnection } from 'node:net';
import { readFile } from 'node:fs/promises';
import { forgetSecrets, registerSecret } from '../../src/config/redact.js';
import {
  authentication,
  type DriverError,
  driverError,
  explainNetwork,
  failed,
  locked,
  lost,
  missingDatabase,
  poolExhausted,
  privilege,
  row,
  timedOut,
} from '../../src/database/driver-error.js';
import { ERROR_CODES } from '../../src/errors/codes.js';

afterEach(forgetSecrets);

const WHERE = 'postgres://bob:***@h/x';
const error = (message: string, fields: object = {}): DriverError =>
  Object.assign(new Error(message), fields);

describe('driverError', () => {
  it('finds the driver’s own error below any number of wrappings', () => {
    const own = error('own', { code: '23505' });
    expect(driverError(own)).toBe(own);
    expect(driverError(error('outer', { driverError: own }))).toBe(own);
    expect(driverError(error('outer', { driverError: error('middle', { driverError: own }) }))).toBe(own);
  });

  it('does not follow a wrapping of itself', () => {
    const own = error('own');
    Object.assign(own, { driverError: own });
    expect(driverError(own)).toBe(own);
  });

  it('takes the first of several addresses’ errors', () => {
    const first = error('connect ECONNREFUSED ::1:5432', { code: 'ECONNREFUSED', errno: -111 });
    const group = new AggregateError([first, error('connect ECONNREFUSED 127.0.0.1:5432')], '');
    expect(driverError(group)).toMatchObject({
      message: 'connect ECONNREFUSED ::1:5432',
      code: 'ECONNREFUSED',
      errno: -111,
    });
    expect(driverError(Object.assign(group, { code: 'ETIMEDOUT' })).code).toBe('ETIMEDOUT');
    expect(driverError(new AggregateError([], 'empty')).message).toBe('empty');
  });
});

describe('explainNetwork', () => {
  it.each([
    ['ECONNREFUSED', 'Nothing listens'],
    ['ENOTFOUND', 'cannot be resolved'],
    ['EAI_AGAIN', 'just now'],
    ['ETIMEDOUT', 'in time'],
    ['EHOSTUNREACH', 'route to the host'],
    ['ENETUNREACH', 'route to the network'],
  ])('%s: the database is unreachable', (code, why) => {
    const explained = explainNetwork(error(`connect ${code}`, { code }), WHERE);
    expect(explained?.code).toBe('database.unreachable');
    expect(explained?.message).toBe(`The database at ${WHERE} cannot be reached`);
    expect(explained?.why).toContain(why);
  });

  it.each(['timeout expired', 'Connection terminated due to connection timeout'])('%s', (message) => {
    expect(explainNetwork(error(message), WHERE)?.code).toBe('database.unreachable');
  });

  it('a socket that is not there, but no other file that is not', async () => {
    const refused = await new Promise<Error>((resolve) => {
      createConnection('/nowhere/.s.PGSQL.5432').on('error', resolve);
    });
    expect(explainNetwork(driverError(refused), WHERE)?.why).toBe('There is no such socket.');
    const missing: unknown = await readFile('/nowhere/file').catch((failure: unknown) => failure);
    expect(explainNetwork(driverError(missing), WHERE)).toBeUndefined();
  });

  it.each([
    ['read ECONNRESET', 'ECONNRESET'],
    ['write EPIPE', 'EPIPE'],
    ['Connection lost: The server closed the connection.', 'PROTOCOL_CONNECTION_LOST'],
    ['Connection terminated unexpectedly', undefined],
    ["Can't add new command when connection is in closed state", undefined],
  ])('%s: the connection broke', (message, code) => {
    const explained = explainNetwork(error(message, { code }), WHERE);
    expect(explained).toMatchObject({ code: 'database.lost', why: message });
  });

  it.each([
    ['self-signed certificate', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }],
    ['unable to verify the first certificate', { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }],
    ['certificate has expired', { code: 'CERT_HAS_EXPIRED' }],
    ["Hostname/IP does not match certificate's altnames", { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }],
    ['The server does not support SSL connections', {}],
    ['write EPROTO 1408F10B:SSL routines:ssl3_get_record:wrong version number', { code: 'EPROTO' }],
    ['Server does not support secure connection (SSL)', { code: 'HANDSHAKE_NO_SSL_SUPPORT' }],
    ['ORA-29024: Certificate validation failure', { errorNum: 29024 }],
  ])('%s: it is the encryption', (message, fields) => {
    expect(explainNetwork(error(message, fields), WHERE)?.code).toBe('database.tls');
  });

  it.each([
    ['relation "tls_certificates" does not exist', { code: '42P01' }],
    ['duplicate key value violates unique constraint "uq_ssl"', { code: '23505' }],
    ['syntax error at or near "SSL"', { code: '42601' }],
    ["Table 'genai.certificates' doesn't exist", { code: 'ER_NO_SUCH_TABLE', errno: 1146 }],
    ['division by zero', { code: '22012' }],
    ['something else', {}],
  ])('%s: it is none of that', (message, fields) => {
    expect(explainNetwork(error(message, fields), WHERE)).toBeUndefined();
  });
});

describe.each([
  ['lost', lost, 'database.lost'],
  ['authentication', authentication, 'database.authentication'],
  ['missingDatabase', missingDatabase, 'database.missing'],
  ['privilege', privilege, 'database.privilege'],
  ['locked', locked, 'database.locked'],
  ['failed', failed, 'database.failed'],
  ['timedOut', timedOut, 'database.timeout'],
  ['poolExhausted', poolExhausted, 'database.pool.exhausted'],
] as const)('%s', (_, explain, code) => {
  it('says where, why and what to do, keeps the cause, and hides secrets', () => {
    registerSecret('hunter2!');
    const cause = error('it said hunter2! to postgres://bob:tiger4@h/x');
    const explained = explain(cause, WHERE);
    expect(explained.code).toBe(code);
    expect(explained.exitCode).toBe(ERROR_CODES[code].exit);
    expect(explained.message).toContain(WHERE);
    expect(explained.why).toBe('it said *** to postgres://bob:***@h/x');
    expect(explained.fix).toMatch(/\.$/);
    expect(explained.cause).toBe(cause);
  });
});

describe('row', () => {
  it('tells the broken rule as far as it is known, and hides secrets', () => {
    registerSecret('hunter2!');
    const cause = error('Duplicate entry hunter2! for key');
    const explained = row('unique', cause, { table: 'tags', column: undefined, constraint: 'uq_tags_name' });
    expect(explained).toMatchObject({
      code: 'database.row.unique',
      message: 'A row has a key that another row has already (table tags)',
      why: 'Duplicate entry *** for key',
      details: { table: 'tags', constraint: 'uq_tags_name' },
      cause,
    });
    expect(explained.details).not.toHaveProperty('column');
    expect(row('null', cause, {})).toMatchObject({ code: 'database.row.null', details: undefined });
  });
});
