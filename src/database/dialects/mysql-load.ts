import { Readable } from 'node:stream';
import type { QueryError, ResultSetHeader } from 'mysql2';
import type { DataSource, QueryRunner } from 'typeorm';
import type { LogicalRow } from '../dialect.js';
import type { TableModel } from '../model/table-model.js';
import { isRowFault } from './mysql-errors.js';
import { ALWAYS_TAKEN } from './mysql-packet.js';
import { quote, textForm } from './mysql-values.js';
import { roughSize } from './sql.js';
import { tabText } from './tab-text.js';

/** Bytes of one packet: under every max_allowed_packet. */
const PACKET_BYTES = 64 * 1024;

/** Numbers of the errors of a server that takes no files from its clients. */
const NOT_ALLOWED = new Set([1148, 3948, 4166]);

/** What is used of the driver's connection, with an option that its types do not have. */
interface LoadConnection {
  query: (
    options: { sql: string; infileStreamFactory: () => Readable },
    done: (error: QueryError | null, result: ResultSetHeader) => void,
  ) => void;
}

/** Those that do not take files: they are not asked again. */
const refusing = new WeakSet<DataSource>();

/**
 * Sends rows as the file of a LOAD DATA LOCAL, which is about twice as fast as inserting them. Rows that break a rule
 * are left out or changed by it, with a warning at most: then none of them stays.
 * @returns false when none was written; the transaction goes on
 */
export async function loadRows(
  runner: QueryRunner,
  table: TableModel,
  rows: readonly LogicalRow[],
): Promise<boolean> {
  // How long values may be is for the statements to say.
  if (refusing.has(runner.dataSource) || rows.some((row) => isLong(table, row))) return false;
  if (rows.length === 0) return true;
  const names = table.columns.map((column) => quote(column.name)).join(', ');
  const statement = String.raw`LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${quote(table.name)} CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' (${names})`;
  await runner.query('SAVEPOINT dbtool_load');
  const isWhole = await sendFile(runner, statement, table, rows);
  if (!isWhole) await runner.query('ROLLBACK TO SAVEPOINT dbtool_load');
  return isWhole;
}

/** @returns whether the server took all rows as they are */
async function sendFile(
  runner: QueryRunner,
  sql: string,
  table: TableModel,
  rows: readonly LogicalRow[],
): Promise<boolean> {
  const connection = (await runner.connect()) as LoadConnection;
  return new Promise((resolve, reject) => {
    // A server may name any file it likes: what it gets are these rows.
    const infileStreamFactory = (): Readable => Readable.from(packets(table, rows));
    connection.query({ sql, infileStreamFactory }, (error, result) => {
      if (!error) resolve(result.affectedRows === rows.length && result.warningStatus === 0);
      else if (isRowFault(error.errno ?? 0)) resolve(false);
      else if (NOT_ALLOWED.has(error.errno ?? 0)) {
        refusing.add(runner.dataSource);
        resolve(false);
      } else reject(error);
    });
  });
}

function* packets(table: TableModel, rows: readonly LogicalRow[]): Generator<Buffer, void> {
  for (const part of tabText(table, rows, textForm))
    for (let at = 0; at < part.length; at += PACKET_BYTES) yield part.subarray(at, at + PACKET_BYTES);
}

function isLong(table: TableModel, row: LogicalRow): boolean {
  const size = table.columns.reduce((sum, column) => sum + roughSize(row[column.property] ?? null), 0);
  return size > ALWAYS_TAKEN / 2;
}
