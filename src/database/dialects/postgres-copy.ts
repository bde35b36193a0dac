import { once } from 'node:events';
import type { Client, Connection, Query } from 'pg';
import type { QueryRunner } from 'typeorm';
import type { LogicalRow } from '../dialect.js';
import { driverError } from '../driver-error.js';
import type { TableModel } from '../model/table-model.js';
import { quote, textForm } from './postgres-values.js';
import { tabText } from './tab-text.js';

/** Bytes that may wait for the network, so that the server has always some to read. */
const MOST_WAITING = 512 * 1024;

/** SQLSTATE classes of what another statement may get by, or tell better: a row at fault, a table that takes no COPY. */
const REFUSALS = /^(0A|22|23|42|54)/;

/** What the driver has for COPY, and its types do not tell. */
interface CopyConnection extends Connection {
  sendCopyFromChunk: (chunk: Buffer) => void;
  endCopyFrom: () => void;
  sendCopyFail: (reason: string) => void;
}
interface CopyQuery extends Query {
  callback: (error: Error | null | undefined) => void;
  handleCopyInResponse: (connection: CopyConnection) => void;
}

/**
 * Copies rows into the table, which is about twice as fast for the server as inserting them, but knows no
 * ON CONFLICT: what is there already must not be among them.
 * @returns false when the server took none of them; the transaction goes on
 */
export async function copyRows(
  runner: QueryRunner,
  table: TableModel,
  rows: readonly LogicalRow[],
): Promise<boolean> {
  if (rows.length === 0) return true;
  const names = table.columns.map((column) => quote(column.name)).join(', ');
  // In one message, for fewer round trips.
  const statement = `SAVEPOINT dbtool_copy; COPY ${quote(table.name)} (${names}) FROM STDIN; RELEASE dbtool_copy`;
  try {
    await sendCopy((await runner.connect()) as Client, statement, tabText(table, rows, textForm));
    return true;
  } catch (error) {
    if (!REFUSALS.test(driverError(error).code ?? '')) throw error;
    await runner.query('ROLLBACK TO dbtool_copy; RELEASE dbtool_copy');
    return false;
  }
}

async function sendCopy(client: Client, statement: string, parts: Iterable<Buffer>): Promise<void> {
  const { default: pg } = await import('pg');
  const over = new AbortController();
  let failure: unknown;
  try {
    await new Promise<void>((resolve, reject) => {
      const query: CopyQuery = Object.assign(new pg.Query(statement), {
        callback: (error: Error | null | undefined) => {
          if (error) reject(error);
          else resolve();
        },
        handleCopyInResponse: (connection: CopyConnection) => {
          sendParts(connection, parts, over.signal).catch((error: unknown) => {
            failure = error;
            connection.sendCopyFail('the client gave up');
          });
        },
      });
      client.query(query);
    });
  } catch (error) {
    // The server's answer to giving up is not the news.
    throw failure ?? error;
  } finally {
    over.abort();
  }
}

/** Makes no more text than the network takes: the rest stays rows until then. */
async function sendParts(
  connection: CopyConnection,
  parts: Iterable<Buffer>,
  over: AbortSignal,
): Promise<void> {
  for (const part of parts) {
    connection.sendCopyFromChunk(part);
    // When all is over before its end, the server has refused a row or is gone.
    if (connection.stream.writableLength > MOST_WAITING)
      await once(connection.stream, 'drain', { signal: over }).catch(() => undefined);
    if (over.aborted) return;
  }
  connection.endCopyFrom();
}
