import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Connection, createConnection } from 'mysql2';
import type { QueryRunner } from 'typeorm';
import { withDatabase } from '../../../src/database/data-source.js';
import { loadRows } from '../../../src/database/dialects/mysql-load.js';
import { tableOf } from '../../../src/database/model/table-model.js';
import * as mariadb from '../../support/servers/mariadb.js';
import { Mark } from '../../conformance/support/library.js';
import { createEntityTables, rowOf, withRunner, writeRows } from '../../conformance/support/tables.js';

const ROWS = ['a', 'b'].map((book) => rowOf(Mark, { book, word: 'x\ty' }));
const FILE = '/etc/hostname';

/** A server that answers every statement with the wish for a file of its choice. */
class FileThief {
  /** What it was sent for a file, by statement. */
  readonly files: string[] = [];
  private readonly server: Server;

  constructor(private readonly warnings = 0) {
    this.server = createServer((socket) => {
      this.serve(socket);
    });
  }

  async listen(): Promise<number> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
  }

  private serve(socket: Socket): void {
    const send = (sequence: number, body: Buffer): void => {
      const header = Buffer.alloc(4);
      header.writeUIntLE(body.length, 0, 3);
      header[3] = sequence;
      socket.write(Buffer.concat([header, body]));
    };
    const ok = (rows: number): Buffer => Buffer.from([0, rows, 0, 2, 0, this.warnings, 0]);
    let received = Buffer.alloc(0);
    let file: string | undefined;
    let isKnown = false;
    const take = (sequence: number, body: Buffer): void => {
      if (!isKnown) {
        isKnown = true;
        send(sequence + 1, ok(0));
      } else if (file !== undefined) {
        file += body.toString();
        if (body.length > 0) return;
        this.files.push(file);
        file = undefined;
        send(sequence + 1, ok(ROWS.length));
      } else if (body[0] === 3) {
        file = '';
        send(sequence + 1, Buffer.from(`\xfb${FILE}`, 'latin1'));
      }
    };
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      while (received.length >= 4 && received.length >= 4 + received.readUIntLE(0, 3)) {
        const end = 4 + received.readUIntLE(0, 3);
        take(received[3]!, received.subarray(4, end));
        received = received.subarray(end);
      }
    });
    send(0, GREETING);
  }
}

const GREETING = Buffer.concat([
  Buffer.from('\x0a8.0.0\0\x01\0\0\0saltsalt\0', 'latin1'),
  // Protocol 4.1, files of the client, transactions, plugins for authentication.
  Buffer.from([0x80, 0xa2, 45, 2, 0, 0x08, 0, 21, ...Buffer.alloc(10)]),
  Buffer.from('saltsaltsalt\0mysql_native_password\0', 'latin1'),
]);

describe('a server that asks for a file of its choice', () => {
  let thief: FileThief | undefined;
  let connection: Connection | undefined;

  afterEach(() => {
    connection?.destroy();
    thief?.close();
  });

  async function visit(warnings?: number): Promise<{ connection: Connection; thief: FileThief }> {
    thief = new FileThief(warnings);
    connection = createConnection({ host: '127.0.0.1', port: await thief.listen(), user: 'me' });
    return { connection, thief };
  }

  const runnerOf = (of: Connection, queries: string[] = []): QueryRunner =>
    ({
      dataSource: {},
      connect: () => Promise.resolve(of),
      query: (sql: string) => Promise.resolve(queries.push(sql)),
    }) as unknown as QueryRunner;

  it('gets the rows that are sent, when rows are', async () => {
    const { connection, thief } = await visit();
    expect(await loadRows(runnerOf(connection), tableOf(Mark), ROWS)).toBe(true);
    expect(thief.files).toEqual(['a\tx\\ty\nb\tx\\ty\n']);
  });

  it('gets nothing for any other statement', async () => {
    const { connection, thief } = await visit();
    const error = await new Promise<Error | null>((resolve) => {
      connection.query('SELECT 1', resolve);
    });
    expect(error?.message).toContain('LOCAL INFILE');
    expect(thief.files).toEqual(['']);
  });

  it('is not believed when it warns', async () => {
    const { connection } = await visit(1);
    const queries: string[] = [];
    expect(await loadRows(runnerOf(connection, queries), tableOf(Mark), ROWS)).toBe(false);
    expect(queries).toEqual(['SAVEPOINT dbtool_load', 'ROLLBACK TO SAVEPOINT dbtool_load']);
  });
});

const isInstalled = await mariadb.isInstalled();
(isInstalled ? describe : describe.skip)('a server that takes no files', () => {
  it('is not asked twice, and the rows are written all the same', async () => {
    const attempt = await mariadb.start({ settings: () => ['--local-infile=0'] });
    if ('reason' in attempt) throw new Error(attempt.reason);
    try {
      const name = await mariadb.mariadb.createDatabase(attempt.url, 'dbtool_test_no_files');
      const settings = { url: name, tls: { mode: 'disable' as const }, poolSize: 1 };
      await withDatabase(
        { ...settings, connectTimeout: 5000, statementTimeout: 0 },
        [Mark],
        async (opened) => {
          await createEntityTables(opened, [Mark]);
          await withRunner(opened, async (runner) => {
            const asked: string[] = [];
            const query = runner.query.bind(runner) as (sql: string, values?: unknown[]) => Promise<unknown>;
            runner.query = ((sql: string, values?: unknown[]) => {
              asked.push(sql);
              return query(sql, values);
            }) as QueryRunner['query'];
            await runner.startTransaction();
            expect(await loadRows(runner, tableOf(Mark), ROWS)).toBe(false);
            expect(asked).toContain('ROLLBACK TO SAVEPOINT dbtool_load');
            asked.length = 0;
            expect(await loadRows(runner, tableOf(Mark), ROWS)).toBe(false);
            expect(asked).toEqual([]);
            await opened.dialect.writeRows?.(runner, tableOf(Mark), ROWS, true);
            await runner.commitTransaction();
          });
          await writeRows(opened, Mark, [{ book: 'c', word: 'z' }]);
          expect(await opened.dataSource.getRepository(Mark).count()).toBe(3);
        },
      );
    } finally {
      await attempt.stop?.();
    }
  }, 60_000);
});
