import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import oracledb, { type Connection } from 'oracledb';
import { closeAll, connectAs, createUser, describeStandIn } from './self-test.js';

describeStandIn('many rows on the Oracle stand-in', () => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await connectAs(await createUser());
    await connection.execute(
      `CREATE TABLE t (id NUMBER(10) CONSTRAINT pk_t PRIMARY KEY, name VARCHAR2(10) NOT NULL, code NUMBER(3) CONSTRAINT uq_code UNIQUE)`,
    );
    await connection.execute(
      `CREATE TABLE child (id NUMBER(10), t_id NUMBER(10) CONSTRAINT fk_child REFERENCES t (id), age NUMBER CONSTRAINT ck_age CHECK (age >= 0))`,
    );
  });
  afterAll(closeAll);

  afterEach(() => connection.rollback());

  const INSERT = 'INSERT INTO t (id, name, code) VALUES (:1, :2, :3)';
  const OPTIONS = {
    bindDefs: [{ type: oracledb.NUMBER }, { type: oracledb.STRING, maxSize: 20 }, { type: oracledb.NUMBER }],
  };

  it('are written in one call, with the rows that fail told apart', async () => {
    const rows = [
      [1, 'one', 1],
      [2, 'two', 2],
      [1, 'again', 3],
      [3, '', 4],
      [4, 'far too long', 5],
      [5, 'five', 12345],
      [6, 'six', 6],
    ];
    const result = await connection.executeMany(INSERT, rows, {
      ...OPTIONS,
      batchErrors: true,
      dmlRowCounts: true,
    });
    expect(result.rowsAffected).toBe(3);
    expect(result.dmlRowCounts).toEqual([1, 1, 0, 0, 0, 0, 1]);
    expect(result.batchErrors?.map(({ offset, message }) => [offset, message.slice(0, 9)])).toEqual([
      [2, 'ORA-00001'],
      [3, 'ORA-01400'],
      [4, 'ORA-12899'],
      [5, 'ORA-01438'],
    ]);
    // As the thin driver has it.
    expect(result.batchErrors?.every((error) => error.errorNum === undefined)).toBe(true);
  });

  it('stay up to the one that fails, when errors are not collected', async () => {
    const rows = [
      [1, 'one', 1],
      [1, 'two', 2],
      [3, 'three', 3],
    ];
    await expect(connection.executeMany(INSERT, rows, OPTIONS)).rejects.toMatchObject({ errorNum: 1 });
    expect((await connection.execute('SELECT id FROM t')).rows).toEqual([[1]]);
    expect(connection.transactionInProgress).toBe(true);
  });

  it('are 20,000 in a few seconds', async () => {
    const rows = Array.from({ length: 20_000 }, (_, id) => [id, `row ${id}`, null]);
    const began = Date.now();
    expect((await connection.executeMany(INSERT, rows, OPTIONS)).rowsAffected).toBe(20_000);
    expect(Date.now() - began).toBeLessThan(20_000);
  });

  it('break rules as they do on Oracle', async () => {
    await connection.execute(INSERT, [1, 'one', 1]);
    const messages: string[] = [];
    for (const [sql, binds] of [
      [INSERT, [1, 'x', 9]],
      [INSERT, [9, 'x', 1]],
      [INSERT, [9, null, 9]],
      ['UPDATE t SET name = NULL', []],
      [`INSERT INTO t (id, name) VALUES (9, 'a')`, []],
      ['INSERT INTO child (id, t_id) VALUES (1, 77)', []],
      ['INSERT INTO child (id, age) VALUES (1, -1)', []],
      ['INSERT INTO child (id, t_id) VALUES (1, 1)', []],
      ['DELETE FROM t WHERE id = 1', []],
      [`INSERT INTO t (id, name) VALUES ('x', 'a')`, []],
      ['SELECT 1/0 FROM dual', []],
      ['INSERT INTO t (id, nothing) VALUES (1, 1)', []],
      ['SELECT nothing FROM t', []],
      ['INSERT INTO t (id, name) VALUES (:1, :2)', [10, 'ääääää']],
      ['UPDATE t SET name = :1', ['twelve chars']],
    ] as [string, unknown[]][]) {
      const ended = await connection.execute(sql, binds as oracledb.BindParameters).then(
        () => 'done',
        (error: unknown) => (error as Error).message.split('\n')[0]?.replace(/SELFTEST_\w+/g, 'ME') ?? '',
      );
      messages.push(ended);
    }
    expect(messages).toEqual([
      'ORA-00001: unique constraint (ME.PK_T) violated',
      'ORA-00001: unique constraint (ME.UQ_CODE) violated',
      'ORA-01400: cannot insert NULL into ("ME"."T"."NAME")',
      'ORA-01407: cannot update ("ME"."T"."NAME") to NULL',
      'done',
      'ORA-02291: integrity constraint (ME.FK_CHILD) violated - parent key not found',
      'ORA-02290: check constraint (ME.CK_AGE) violated',
      'done',
      'ORA-02292: integrity constraint (ME.FK_CHILD) violated - child record found',
      expect.stringMatching(/^ORA-01722: invalid number/),
      expect.stringMatching(/^ORA-01476: divisor is equal to zero/),
      'ORA-00904: "NOTHING": invalid identifier',
      'ORA-00904: "NOTHING": invalid identifier',
      'ORA-12899: value too large for column "ME"."T"."NAME" (actual: 12, maximum: 10)',
      'ORA-12899: value too large for column "ME"."T"."NAME" (actual: 12, maximum: 10)',
    ]);
  });

  it('give back what RETURNING names', async () => {
    const out = (type: oracledb.DbType | number): oracledb.BindParameter => ({
      dir: oracledb.BIND_OUT,
      type: type,
    });
    await connection.execute(
      `CREATE TABLE made (id NUMBER(10) GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name VARCHAR2(20), at TIMESTAMP DEFAULT SYSTIMESTAMP, note CLOB)`,
    );
    const inserted = await connection.execute<{ id: number[]; at: Date[] }>(
      'INSERT INTO made (name) VALUES (:name) RETURNING id, at INTO :id, :at',
      { name: 'a', id: out(oracledb.NUMBER), at: out(oracledb.DB_TYPE_TIMESTAMP) },
    );
    expect(inserted.outBinds?.id).toEqual([1]);
    expect(inserted.outBinds?.at[0]).toBeInstanceOf(Date);
    const many = await connection.executeMany<{ id: number[] }>(
      'INSERT INTO made (name) VALUES (:name) RETURNING id INTO :id',
      [{ name: 'b' }, { name: 'c' }],
      {
        bindDefs: {
          name: { type: oracledb.STRING, maxSize: 20 },
          id: { dir: oracledb.BIND_OUT, type: oracledb.NUMBER },
        },
      },
    );
    expect(many.outBinds).toEqual([{ id: [2] }, { id: [3] }]);
    const updated = await connection.execute<{ name: string[] }>(
      `UPDATE made SET name = name || '!' WHERE id > :least RETURNING name INTO :name`,
      { least: 1, name: out(oracledb.STRING) },
    );
    expect(updated.outBinds?.name.toSorted()).toEqual(['b!', 'c!']);
    const deleted = await connection.execute<{ name: string[] }>(
      `DELETE FROM made WHERE id = 1 RETURNING name INTO :name`,
      { name: out(oracledb.STRING) },
    );
    expect([deleted.rowsAffected, deleted.outBinds?.name]).toEqual([1, ['a']]);
    const none = await connection.execute<{ name: string[] }>(
      `DELETE FROM made WHERE id = 99 RETURNING name INTO :name`,
      { name: out(oracledb.STRING) },
    );
    expect(none.outBinds?.name).toEqual([]);
    await expect(
      connection.execute(`UPDATE made SET name = 'long enough' RETURNING name INTO :name`, {
        name: { dir: oracledb.BIND_OUT, type: oracledb.STRING, maxSize: 3 },
      }),
    ).rejects.toMatchObject({ code: 'NJS-016' });
  });

  it('stream: 100,000 of them, a few at a time', async () => {
    await connection.execute('CREATE TABLE numbers (n NUMBER(10), name VARCHAR2(20))');
    for (let from = 0; from < 100_000; from += 20_000) {
      const rows = Array.from({ length: 20_000 }, (_, index) => [from + index, `row ${from + index}`]);
      await connection.executeMany('INSERT INTO numbers VALUES (:1, :2)', rows);
    }
    let count = 0;
    let sum = 0;
    const stream = connection.queryStream<[number, string]>('SELECT n, name FROM numbers', [], {
      fetchArraySize: 500,
    });
    for await (const row of stream as AsyncIterable<[number, string]>) {
      count += 1;
      sum += row[0];
      // What waits to be read is at most some batches.
      if (count % 10_000 === 0)
        expect((stream as unknown as { readableLength: number }).readableLength).toBeLessThan(2000);
    }
    expect([count, sum]).toEqual([100_000, (99_999 * 100_000) / 2]);
  });

  it('are fetched from several cursors at once, and again', async () => {
    await connection.executeMany(
      INSERT,
      [1, 2, 3, 4, 5].map((id) => [id, `n${id}`, id]),
      OPTIONS,
    );
    const ids = async (): Promise<unknown[]> => {
      const { resultSet } = await connection.execute<[number]>('SELECT id FROM t ORDER BY id', [], {
        resultSet: true,
        prefetchRows: 1,
        fetchArraySize: 2,
      });
      const read = await resultSet?.getRow();
      await resultSet?.close();
      return read ?? [];
    };
    const { resultSet } = await connection.execute<[number]>('SELECT id FROM t ORDER BY id', [], {
      resultSet: true,
      prefetchRows: 1,
      fetchArraySize: 2,
    });
    expect(await resultSet?.getRow()).toEqual([1]);
    expect(await ids()).toEqual([1]);
    expect(await ids()).toEqual([1]);
    expect(await resultSet?.getRows(10)).toEqual([[2], [3], [4], [5]]);
    await resultSet?.close();
  });
});
