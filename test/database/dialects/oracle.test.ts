import { describe, expect, it } from '@jest/globals';
import type { QueryRunner } from 'typeorm';
import oracledb from 'oracledb';
import { rootCertificates } from 'node:tls';
import type { DatabaseSettings, TlsSettings } from '../../../src/config/settings.js';
import { parseDatabaseUrl } from '../../../src/database/database-url.js';
import { isRowError } from '../../../src/database/driver-error.js';
import { useTempFolder } from '../../support/temp-folder.js';
import { oracle } from '../../../src/database/dialects/oracle.js';
import { Column, Table } from '../../../src/database/model/decorators.js';
import { flag, instant, integer, json, string } from '../../../src/database/model/logical-type.js';
import { tableOf } from '../../../src/database/model/table-model.js';

const failure = (message: string, errorNum?: number, code?: string): Error =>
  Object.assign(new Error(message), { errorNum, code });

describe('explain', () => {
  it.each<[string, number | undefined, string | undefined, string | undefined]>([
    ['ORA-01017: invalid username/password; logon denied', 1017, undefined, 'database.authentication'],
    ['ORA-28000: the account is locked', 28000, undefined, 'database.authentication'],
    ['ORA-12514: listener does not know of service', 12514, undefined, 'database.missing'],
    ['ORA-01031: insufficient privileges', 1031, undefined, 'database.privilege'],
    ['ORA-01950: no privileges on tablespace', 1950, undefined, 'database.privilege'],
    [
      "ORA-06550: line 1, column 7:\nPLS-00201: identifier 'DBMS_LOCK' must be declared",
      6550,
      undefined,
      'database.privilege',
    ],
    ['ORA-06550: line 1, column 7:\nPLS-00103: Encountered', 6550, undefined, 'database.failed'],
    ['ORA-00942: table or view does not exist', 942, undefined, 'database.privilege'],
    ['ORA-00054: resource busy', 54, undefined, 'database.locked'],
    ['ORA-03113: end-of-file on communication channel', 3113, undefined, 'database.lost'],
    ['ORA-29024: Certificate validation failure', 29024, undefined, 'database.tls'],
    [
      'NJS-503: connection to host h port 1521 could not be established',
      undefined,
      'NJS-503',
      'database.unreachable',
    ],
    ['NJS-518: cannot connect. Service "x" is not registered', undefined, 'NJS-518', 'database.missing'],
    ['NJS-530: The host addresses are incorrect', undefined, 'NJS-530', 'database.unreachable'],
    ['NJS-515: error in Easy Connect connection string', undefined, 'NJS-515', 'config.url.invalid'],
    ['NJS-040: connection request timeout', undefined, 'NJS-040', 'database.pool.exhausted'],
    ['NJS-123: call timeout of 500 ms exceeded', undefined, 'NJS-123', 'database.timeout'],
    ['NJS-500: connection was closed or broken', undefined, 'NJS-500', 'database.lost'],
    ['connect ECONNREFUSED', undefined, 'ECONNREFUSED', 'database.unreachable'],
    ['ORA-01555: snapshot too old', 1555, undefined, 'database.failed'],
    ['NJS-999: something', undefined, 'NJS-999', 'database.failed'],
    ['x is not a function', undefined, undefined, undefined],
  ])('%s', (message, errorNum, code, expected) => {
    const explained = oracle.explain(failure(message, errorNum, code), 'oracle://u@h/x');
    expect(explained?.code).toBe(expected);
  });
});

it.each([
  ['NJS-503: connection to h could not be established.\nconnect ECONNREFUSED 127.0.0.1:1', 'Nothing listens'],
  ['NJS-511: connection to listener at host h port 1 was refused.', 'Nothing listens'],
  ['NJS-530: The host addresses are incorrect', 'cannot be resolved'],
  ['NJS-510: connection to host h timed out', 'did not answer in time'],
])('tells why %s', (message, why) => {
  expect(oracle.explain(failure(message, undefined, message.slice(0, 7)), 'x')?.why).toContain(why);
});

describe('a row that broke a rule', () => {
  it.each([
    [1, true],
    [1400, true],
    [12899, true],
    [2291, true],
    [3113, false],
    [1017, false],
    [undefined, false],
  ])('ORA-%s: %s', (errorNum, expected) => {
    expect(isRowError(oracle.explain(failure('x', errorNum), 'x'))).toBe(expected);
    const wrapped = Object.assign(new Error('outer'), { driverError: failure('x', errorNum) });
    expect(isRowError(oracle.explain(wrapped, 'x'))).toBe(expected);
  });
});

describe('upsert', () => {
  @Table('things')
  class Thing {
    @Column(string(10), { primary: true })
    id!: string;

    @Column(integer(), { nullable: true })
    size!: number | null;

    @Column(flag(), { nullable: true })
    good!: boolean | null;

    @Column(json(), { nullable: true })
    extra!: unknown;

    @Column(instant(), { nullable: true })
    at!: Date | null;
  }
  const table = tableOf(Thing);
  const row = (id: string, more: object = {}): Record<string, never> =>
    ({ id, size: null, good: null, extra: null, at: null, ...more }) as unknown as Record<string, never>;

  interface Call {
    sql: string;
    binds: unknown[][];
    options: { bindDefs: { maxSize?: number }[]; batchErrors?: boolean; dmlRowCounts?: boolean };
  }

  /** A connection that answers each executeMany with the next answer, and what it was asked. */
  function connectionWith(...answers: object[]): { runner: QueryRunner; calls: Call[] } {
    const calls: Call[] = [];
    const executeMany = (sql: string, binds: unknown[][], options: Call['options']): Promise<object> => {
      calls.push({ sql, binds, options });
      return Promise.resolve(answers[calls.length - 1] ?? {});
    };
    return { runner: { connect: () => Promise.resolve({ executeMany }) } as unknown as QueryRunner, calls };
  }

  it('inserts rows with upper-case names, flags as numbers and the longest text as bind size', async () => {
    const { runner, calls } = connectionWith({});
    const at = new Date(0);
    await oracle.upsert(runner, table, [
      row('a', { good: true, extra: '{"a":"ü"}', at }),
      row('b', { size: 5 }),
    ]);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.sql).toBe(
      'INSERT INTO "THINGS" ("ID", "SIZE", "GOOD", "EXTRA", "AT") VALUES (:1, :2, :3, :4, :5)',
    );
    expect(calls[0]?.binds).toEqual([
      ['a', null, 1, '{"a":"ü"}', at],
      ['b', 5, null, null, null],
    ]);
    expect(calls[0]?.options.batchErrors).toBe(true);
    expect(calls[0]?.options.bindDefs.map(({ maxSize }) => maxSize)).toEqual([
      1,
      undefined,
      undefined,
      10,
      undefined,
    ]);
  });

  it('updates those whose key is there already, values first and the key last', async () => {
    const taken = { batchErrors: [Object.assign(failure('ORA-00001', 1), { offset: 1 })] };
    const { runner, calls } = connectionWith(taken, { dmlRowCounts: [1] });
    await oracle.upsert(runner, table, [row('a'), row('b', { size: 7 })]);
    expect(calls[1]?.sql).toBe(
      'UPDATE "THINGS" SET "SIZE" = :1, "GOOD" = :2, "EXTRA" = :3, "AT" = :4 WHERE "ID" = :5',
    );
    expect(calls[1]?.binds).toEqual([[7, null, null, null, 'b']]);
  });

  it('tells another unique key that is taken from its own', async () => {
    const taken = { batchErrors: [Object.assign(failure('ORA-00001', 1), { offset: 0 })] };
    const { runner } = connectionWith(taken, { dmlRowCounts: [0] });
    const error: unknown = await oracle.upsert(runner, table, [row('a')]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ errorNum: 1 });
    expect(oracle.explain(error, 'x')).toMatchObject({ code: 'database.row.unique' });
  });

  it('throws what else a row broke, and asks nothing for no rows', async () => {
    const tooLong = Object.assign(failure('ORA-12899: value too large', 12899), { offset: 0 });
    const { runner, calls } = connectionWith({ batchErrors: [tooLong] });
    await expect(oracle.upsert(runner, table, [row('a')])).rejects.toBe(tooLong);
    await oracle.upsert(runner, table, []);
    expect(calls).toHaveLength(1);
  });
});

describe('options', () => {
  const folder = useTempFolder();
  const settings = (tls: TlsSettings): DatabaseSettings => ({
    url: 'oracle://u:p@db.example:1522/APP',
    poolSize: 2,
    connectTimeout: 5000,
    statementTimeout: 0,
    tls,
  });
  const optionsFor = async (tls: TlsSettings): Promise<{ connectString: string; walletContent?: string }> => {
    const given = settings(tls);
    const made = (await oracle.dataSourceOptions(parseDatabaseUrl(given.url), given, {})) as {
      connectString: string;
      extra: { walletContent?: string };
    };
    return { connectString: made.connectString, walletContent: made.extra.walletContent };
  };

  it('hand the certificates to the driver as one text', async () => {
    const [ca, cert, key] = await Promise.all(['ca', 'cert', 'key'].map((name) => folder.write(name, name)));
    expect(await optionsFor({ mode: 'disable' })).toEqual({ connectString: 'tcp://db.example:1522/APP' });
    expect(await optionsFor({ mode: 'verify' })).toEqual({ connectString: 'tcps://db.example:1522/APP' });
    expect((await optionsFor({ mode: 'verify', ca, cert, key })).walletContent).toBe('key\ncert\nca');
    // Without an authority of its own the client's certificate must not take that of Node's away.
    expect((await optionsFor({ mode: 'verify', cert, key })).walletContent).toBe(
      ['key', 'cert', ...rootCertificates].join('\n'),
    );
    await expect(optionsFor({ mode: 'verify', ca })).rejects.toMatchObject({ code: 'config.invalid' });
  });

  it('fetch whole numbers as numbers and other decimals as text', async () => {
    await optionsFor({ mode: 'disable' });
    const { fetchTypeHandler } = oracledb as unknown as {
      fetchTypeHandler: (column: object) => { converter: (value: string | null) => unknown };
    };
    const { converter } = fetchTypeHandler({ dbType: oracledb.DB_TYPE_NUMBER });
    const values = ['0', '-12', '999999999999999', '9007199254740993', '0.1', '1234567890.0123456789', null];
    expect(values.map((value) => converter(value))).toEqual([0, -12, 999999999999999, ...values.slice(3)]);
  });
});
