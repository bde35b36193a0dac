import { createHash } from 'node:crypto';
import type { OpenDatabase } from '../database/data-source.js';
import type { LogicalRow } from '../database/dialect.js';
import { columnOf, type TableModel, tableOf } from '../database/model/table-model.js';
import { deleteWhereIn, updateWhereIn } from '../database/portable-sql.js';
import { streamRows } from '../database/row-stream.js';
import { inTransaction } from '../database/transaction.js';
import { DbtoolError } from '../errors/dbtool-error.js';
import { BigIntSet } from './big-int-set.js';
import type { ImportLock } from './import-lock.js';
import { rowIdOf } from './mapper.js';
import type { Mapping } from './mapping.js';
import type { ImportSource } from './sources/source.js';

/** `report` counts, `mark` sets `source_deleted_at`, `remove` deletes the rows with what hangs on them. */
export type DeletesMode = 'report' | 'mark' | 'remove';

/** How many rows may be marked or removed: so many, or that share of the imported ones. */
export type MostDeletes = { count: number } | { share: number };

export interface DeletesResult {
  /** Rows whose document is gone at the source, whether marked before or not. */
  gone: number;
  marked: number;
  removed: number;
  /** Ids of the first of them. */
  examples: string[];
}

export interface DeletesOptions {
  mode: DeletesMode;
  most?: MostDeletes;
  signal: AbortSignal;
}

/** More than that is rather the wrong source, or half of one, than documents deleted. */
const MOST: MostDeletes = { share: 0.1 };
/** So few rows are never too many. */
const ALWAYS = 10;
const ROWS_PER_TRANSACTION = 500;
const EXAMPLES = 10;

/**
 * Finds the rows whose documents are no longer at the source, by comparing the ids of all. Rows that were not
 * imported (they have no `source_id`) are left alone.
 * @throws DbtoolError `import.deletes.too-many` before anything is marked or removed
 */
export async function handleDeletes(
  mapping: Mapping,
  source: ImportSource,
  database: OpenDatabase,
  lock: ImportLock | undefined,
  options: DeletesOptions,
): Promise<DeletesResult> {
  const table = tableOf(mapping.entity);
  const there = new BigIntSet();
  for await (const id of source.ids(mapping.collection)) {
    options.signal.throwIfAborted();
    if (id !== undefined) there.add(hashOf(rowIdOf(mapping, id)));
  }
  const { rows, gone, unmarked } = await missingRows(mapping, table, database, there, options.signal);
  const result = { gone: gone.length, marked: 0, removed: 0, examples: gone.slice(0, EXAMPLES) };
  if (options.mode === 'report') return result;
  const ids = options.mode === 'mark' ? unmarked : gone;
  const most = options.most ?? MOST;
  const allowed = 'count' in most ? most.count : Math.max(ALWAYS, Math.floor(rows * most.share));
  if (ids.length > allowed) throw tooMany(mapping, ids.length, rows, allowed);
  for (let start = 0; start < ids.length; start += ROWS_PER_TRANSACTION) {
    options.signal.throwIfAborted();
    const part = ids.slice(start, start + ROWS_PER_TRANSACTION);
    await inTransaction(database, async (runner) => {
      await lock?.check(runner);
      const id = columnOf(table, 'id');
      if (options.mode === 'remove') await deleteWhereIn(runner, table, id, part);
      else {
        const deletedAt = { column: columnOf(table, 'sourceDeletedAt'), value: new Date() };
        await updateWhereIn(runner, table, deletedAt, id, part);
      }
    });
    result[options.mode === 'remove' ? 'removed' : 'marked'] += part.length;
  }
  return result;
}

async function missingRows(
  mapping: Mapping,
  table: TableModel,
  database: OpenDatabase,
  there: BigIntSet,
  signal: AbortSignal,
): Promise<{ rows: number; gone: string[]; unmarked: string[] }> {
  const constants = (await mapping.fixed?.(mapping.collection, database)) ?? {};
  const found = { rows: 0, gone: [] as string[], unmarked: [] as string[] };
  const { text, values } = importedRows(table, database, constants);
  for await (const { id, source_deleted_at: deletedAt } of streamRows(database, text, values, signal)) {
    found.rows += 1;
    const row = String(id);
    if (there.has(hashOf(row))) continue;
    found.gone.push(row);
    if ((deletedAt ?? null) === null) found.unmarked.push(row);
  }
  return found;
}

/** The rows that documents of this collection became; several collections may share a table. */
function importedRows(
  table: TableModel,
  { dialect, dataSource }: OpenDatabase,
  constants: LogicalRow,
): { text: string; values: unknown[] } {
  const quote = (name: string): string => dataSource.driver.escape(dialect.identifier(name));
  const filters = Object.entries(constants).map(([property, value]) => ({
    column: columnOf(table, property),
    value,
  }));
  const conditions = [
    `${quote('source_id')} IS NOT NULL`,
    ...filters.map(({ column }, index) => `${quote(column.name)} = ${dialect.placeholder(index + 1)}`),
  ];
  return {
    text: `SELECT ${quote('id')}, ${quote('source_deleted_at')} FROM ${quote(table.name)} WHERE ${conditions.join(' AND ')}`,
    values: filters.map(({ column, value }) => dialect.toDriver(column.type, value)),
  };
}

/** Of 10^8 rows two have the same with a probability of 0.0003; the row of one of them would be kept. */
function hashOf(id: string): bigint {
  return createHash('sha256').update(id).digest().readBigUInt64LE(0);
}

function tooMany({ collection }: Mapping, count: number, rows: number, allowed: number): DbtoolError {
  return new DbtoolError('import.deletes.too-many', {
    message: `${count} of ${rows} rows of ${collection} are gone at the source, more than ${allowed}`,
    why: 'So many are rather a sign of a source that is not the whole, or not the one that these rows came from. None was touched.',
    fix: 'Look with --deletes report. If they are gone indeed, allow it with --max-deletes N or --max-deletes N%.',
    details: { collection, gone: count, rows, allowed },
  });
}
