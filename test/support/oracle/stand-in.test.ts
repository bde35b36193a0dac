import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import oracledb, { type Connection } from 'oracledb';
import { closeAll, connectAs, createUser, standInIsHere } from './self-test.js';

(standInIsHere() ? describe : describe.skip)('the Oracle stand-in', () => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await connectAs(await createUser());
  });
  afterAll(closeAll);

  it('selects', async () => {
    const { rows, metaData } = await connection.execute(`SELECT 'a' AS word, 1.5 AS amount FROM dual`);
    expect(rows).toEqual([['a', 1.5]]);
    expect(metaData?.map((column) => column.name)).toEqual(['WORD', 'AMOUNT']);
  });

  it('inserts and selects through the real driver', async () => {
    await connection.execute('CREATE TABLE t (id NUMBER(10) PRIMARY KEY, name VARCHAR2(20), at DATE)');
    const at = new Date(2024, 1, 29, 13, 14, 15);
    const { rowsAffected } = await connection.execute('INSERT INTO t VALUES (:1, :2, :3)', [7, 'seven', at]);
    expect(rowsAffected).toBe(1);
    const { rows } = await connection.execute('SELECT id, name, at FROM t WHERE id = :id', { id: 7 });
    expect(rows).toEqual([[7, 'seven', at]]);
    await connection.rollback();
    expect((await connection.execute('SELECT * FROM t')).rows).toEqual([]);
  });

  it('reports errors as Oracle does', async () => {
    await expect(connection.execute('SELECT * FROM nowhere')).rejects.toMatchObject({
      errorNum: 942,
      code: 'ORA-00942',
    });
  });

  it('is thin', () => {
    expect(oracledb.thin).toBe(true);
  });
});
