import { afterAll, beforeAll, expect, it } from '@jest/globals';
import oracledb, { type Connection, type Lob } from 'oracledb';
import { closeAll, connectAs, createUser, describeStandIn } from './self-test.js';

const COLUMNS = {
  id: 'NUMBER(10)',
  amount: 'NUMBER(20,6)',
  anything: 'NUMBER',
  factor: 'BINARY_DOUBLE',
  label: 'VARCHAR2(10 CHAR)',
  code: 'VARCHAR2(10 BYTE)',
  day: 'DATE',
  moment: 'TIMESTAMP(3)',
  instant: 'TIMESTAMP(3) WITH LOCAL TIME ZONE',
  zoned: 'TIMESTAMP(6) WITH TIME ZONE',
  text: 'CLOB',
  bytes: 'BLOB',
  raw_bytes: 'RAW(16)',
};

describeStandIn('types of the Oracle stand-in', () => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await connectAs(await createUser());
    const list = Object.entries(COLUMNS).map(([name, type]) => `${name} ${type}`);
    await connection.execute(`CREATE TABLE t (${list.join(', ')})`);
  });
  afterAll(closeAll);

  /** Writes the value and reads it back. */
  async function through(
    column: keyof typeof COLUMNS,
    value: unknown,
    fetchType?: oracledb.DbType,
  ): Promise<unknown> {
    await connection.execute(`INSERT INTO t (${column}) VALUES (:value)`, {
      value,
    } as oracledb.BindParameters);
    const handler = (): { type: oracledb.DbType } | undefined =>
      fetchType ? { type: fetchType } : undefined;
    const { rows } = await connection.execute<[unknown]>(`SELECT ${column} FROM t`, [], {
      fetchTypeHandler: handler as never,
      // A statement from the cache would keep the types of its first run.
      keepInStmtCache: false,
    });
    await connection.rollback();
    return rows?.[0]?.[0];
  }
  const STRING = oracledb.DB_TYPE_VARCHAR;

  it('are told to the driver as they were declared', async () => {
    const { metaData } = await connection.execute('SELECT * FROM t');
    const told = metaData?.map(({ name, dbTypeName, precision, scale, byteSize }) =>
      [name, dbTypeName, precision, scale, byteSize].filter((part) => part !== undefined).join(' '),
    );
    expect(told).toEqual([
      'ID NUMBER 10 0',
      'AMOUNT NUMBER 20 6',
      'ANYTHING NUMBER 0 -127',
      'FACTOR BINARY_DOUBLE',
      'LABEL VARCHAR2 40',
      'CODE VARCHAR2 10',
      'DAY DATE',
      'MOMENT TIMESTAMP 3',
      'INSTANT TIMESTAMP WITH LOCAL TIME ZONE 3',
      'ZONED TIMESTAMP WITH TIME ZONE 6',
      'TEXT CLOB',
      'BYTES BLOB',
      'RAW_BYTES RAW 16',
    ]);
    const computed = await connection.execute('SELECT SUM(amount) AS a, COUNT(*) AS b FROM t');
    expect(computed.metaData?.map(({ precision, scale }) => [precision, scale])).toEqual([
      [0, -127],
      [0, -127],
    ]);
  });

  it('are told by the catalogue as they were declared', async () => {
    const { rows } = await connection.execute<(string | number | null)[]>(
      `SELECT column_name, data_type, data_precision, data_scale, char_length, char_used FROM user_tab_columns WHERE table_name = 'T' ORDER BY column_id`,
    );
    expect(rows?.map((row) => row.filter((part) => part !== null).join(' '))).toEqual([
      'ID NUMBER 10 0',
      'AMOUNT NUMBER 20 6',
      'ANYTHING NUMBER',
      'FACTOR BINARY_DOUBLE',
      'LABEL VARCHAR2 10 C',
      'CODE VARCHAR2 10 B',
      'DAY DATE',
      'MOMENT TIMESTAMP(3) 3',
      'INSTANT TIMESTAMP(3) WITH LOCAL TIME ZONE 3',
      'ZONED TIMESTAMP(6) WITH TIME ZONE 6',
      'TEXT CLOB',
      'BYTES BLOB',
      'RAW_BYTES RAW',
    ]);
  });

  it('keep decimals as they are, and to their scale', async () => {
    expect(await through('amount', '12345678901234.567891', STRING)).toBe('12345678901234.567891');
    expect(await through('amount', 0.1234565, STRING)).toBe('0.123457');
    expect(await through('amount', 3, STRING)).toBe('3');
    expect(await through('anything', '12345678901234567890123456789012345678', STRING)).toBe(
      '12345678901234567890123456789012345678',
    );
    expect(await through('anything', 1e-20, STRING)).toBe('0.00000000000000000001');
    expect(await through('id', 7)).toBe(7);
    await expect(through('id', 12_345_678_901)).rejects.toMatchObject({ errorNum: 1438 });
    await expect(through('amount', 1e15)).rejects.toMatchObject({ errorNum: 1438 });
  });

  it('keep doubles, even those that are no numbers', async () => {
    const asDouble = (val: number): oracledb.BindParameter => ({
      val,
      type: oracledb.DB_TYPE_BINARY_DOUBLE,
    });
    for (const value of [0.1, 1e300, -0.5, 5e-324, Number.POSITIVE_INFINITY])
      expect(await through('factor', asDouble(value))).toBe(value);
    expect(await through('factor', asDouble(Number.NaN))).toBeNaN();
  });

  it('take the empty string for NULL', async () => {
    expect(await through('label', '')).toBeNull();
    expect(await through('text', '')).toBeNull();
    expect((await connection.execute(`SELECT 1 FROM dual WHERE '' IS NULL`)).rows).toEqual([[1]]);
  });

  it('measure strings in bytes or characters, as declared', async () => {
    expect(await through('label', 'ääääääääää')).toBe('ääääääääää');
    expect(await through('code', 'äääää')).toBe('äääää');
    expect(await through('label', '🙂'.repeat(10))).toBe('🙂'.repeat(10));
    await expect(through('label', '🙂'.repeat(11))).rejects.toMatchObject({
      errorNum: 12899,
      message: expect.stringContaining('"LABEL" (actual: 11, maximum: 10)'),
    });
    await expect(through('code', 'ääääää')).rejects.toMatchObject({ errorNum: 12899 });
    await expect(through('label', 'elf letters')).rejects.toMatchObject({ errorNum: 12899 });
    await connection.execute('CREATE TABLE by_default (a VARCHAR2(3))');
    await connection.execute('ALTER SESSION SET NLS_LENGTH_SEMANTICS = CHAR');
    await connection.execute('CREATE TABLE by_session (a VARCHAR2(3))');
    await connection.execute('ALTER SESSION SET NLS_LENGTH_SEMANTICS = BYTE');
    await expect(connection.execute(`INSERT INTO by_default VALUES ('äöü')`)).rejects.toMatchObject({
      errorNum: 12899,
    });
    expect((await connection.execute(`INSERT INTO by_session VALUES ('äöü')`)).rowsAffected).toBe(1);
    await connection.rollback();
  });

  it('hold 4000 bytes at most in a VARCHAR2, whatever its length in characters', async () => {
    await connection.execute('CREATE TABLE wide (a VARCHAR2(4000 CHAR))');
    expect((await connection.execute('INSERT INTO wide VALUES (:1)', ['ä'.repeat(2000)])).rowsAffected).toBe(
      1,
    );
    await expect(
      connection.execute('INSERT INTO wide VALUES (:1)', ['ä'.repeat(2001)]),
    ).rejects.toMatchObject({
      errorNum: 1461,
    });
    await connection.rollback();
  });

  it('keep days, wall times and instants apart', async () => {
    // The driver gives a session the offset of today's clock, which is another one in half of the year.
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    await connection.execute(`ALTER SESSION SET TIME_ZONE = '${timeZone}'`);
    const moment = new Date(2024, 6, 1, 12, 30, 15, 123);
    expect(await through('day', moment)).toEqual(new Date(2024, 6, 1, 12, 30, 15));
    expect(await through('moment', moment)).toEqual(moment);
    expect(await through('instant', moment)).toEqual(moment);
    expect(await through('zoned', moment)).toEqual(moment);
    await connection.execute(`ALTER SESSION SET TIME_ZONE = 'Asia/Tokyo'`);
    const asInstant = { val: moment, type: oracledb.DB_TYPE_TIMESTAMP_LTZ as never };
    expect(await through('instant', asInstant)).toEqual(moment);
    // The driver binds a Date as a wall time, which is then taken for one of the session's zone.
    const ahead = (9 * 60 + moment.getTimezoneOffset()) * 60_000;
    expect(await through('instant', moment)).toEqual(new Date(moment.getTime() - ahead));
    // And the other way round: of an instant a wall time keeps what the session's clock shows.
    expect(await through('moment', asInstant)).toEqual(new Date(moment.getTime() + ahead));
    await connection.execute(`ALTER SESSION SET TIME_ZONE = 'UTC'`);
  });

  it('keep bytes', async () => {
    const bytes = Buffer.from([0, 1, 127, 128, 255]);
    expect(await through('raw_bytes', bytes)).toEqual(bytes);
    expect(await through('bytes', bytes, oracledb.DB_TYPE_RAW)).toEqual(bytes);
  });

  it.each([10, 4000, 4001, 32_767, 32_768, 3_000_000])('keep a CLOB of %d characters', async (length) => {
    const text = 'aß€🙂'.repeat(Math.ceil(length / 5)).slice(0, length);
    // Half a pair of surrogates is no text.
    const whole = text.replace(/[\ud800-\udbff]$/, 'x');
    expect(await through('text', whole, STRING)).toBe(whole);
  });

  it('give LOBs as streams, and take them', async () => {
    const text = 'line of text\n'.repeat(10_000);
    const temporary = await connection.createLob(oracledb.CLOB);
    await new Promise<void>((resolve, reject) => {
      temporary.on('error', reject).on('finish', resolve);
      temporary.write(text.slice(0, 50_000));
      temporary.end(text.slice(50_000));
    });
    await connection.execute('INSERT INTO t (id, text) VALUES (1, :lob)', {
      lob: { val: temporary, type: oracledb.CLOB },
    });
    temporary.destroy();
    const { rows } = await connection.execute<[Lob]>('SELECT text FROM t WHERE id = 1');
    const lob = rows?.[0]?.[0];
    expect(lob?.length).toBe(text.length);
    let read = '';
    lob?.setEncoding('utf8');
    for await (const chunk of lob as unknown as AsyncIterable<string>) read += chunk;
    expect(read === text).toBe(true);
    await connection.rollback();
  });

  it('give LOBs and values beside them, batch by batch', async () => {
    const rows = Array.from({ length: 250 }, (_, id) => [id, `text ${id}`.repeat(50)]);
    await connection.executeMany('INSERT INTO t (id, text) VALUES (:1, :2)', rows);
    for (let round = 0; round < 2; round += 1) {
      const found = await connection.execute('SELECT id, text FROM t ORDER BY id', [], {
        fetchInfo: { TEXT: { type: oracledb.STRING } },
        fetchArraySize: 60,
      });
      expect(found.rows).toEqual(rows);
    }
    await connection.rollback();
  });

  it('refuse strings over 4000 bytes where only a column could take them', async () => {
    const long = 'x'.repeat(4001);
    const refused = { errorNum: 1461 };
    await expect(connection.execute('SELECT :1 FROM dual', [long])).rejects.toMatchObject(refused);
    await expect(
      connection.execute(
        'MERGE INTO t USING (SELECT 1 AS id, :1 AS text FROM dual) s ON (t.id = s.id) WHEN NOT MATCHED THEN INSERT (id, text) VALUES (s.id, s.text)',
        [long],
      ),
    ).rejects.toMatchObject(refused);
    await expect(connection.execute('INSERT INTO t (code) VALUES (:1)', [long])).rejects.toMatchObject(
      refused,
    );
  });

  it('refuse years that Oracle has not', async () => {
    const late = { val: new Date(Date.UTC(10_000, 5)), type: oracledb.DB_TYPE_TIMESTAMP_LTZ as never };
    await expect(connection.execute('SELECT :1 FROM dual', [late])).rejects.toMatchObject({ errorNum: 1841 });
  });

  it('refuse numbers that Oracle cannot hold, as the driver does', async () => {
    await expect(connection.execute('SELECT :1 FROM dual', [1e200])).rejects.toMatchObject({
      code: 'NJS-115',
    });
  });
});
