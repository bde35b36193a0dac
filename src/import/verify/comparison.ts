import type { QueryRunner } from 'typeorm';
import type { OpenDatabase } from '../../database/data-source.js';
import type { LogicalRow } from '../../database/dialect.js';
import { selectWhereIn } from '../../database/portable-sql.js';
import type { ColumnModel } from '../../database/model/table-model.js';
import type { MappedDocument } from '../mapper.js';
import type { ReadDocument, UnfitDocument } from './document-reader.js';
import { idOfText } from './id-of-text.js';
import { columnOf, refusalOf } from './refusal.js';
import { isMarked, type Row, type RowContent } from './row-content.js';
import { type Reason, reasonText } from '../reason.js';

/** A document that is not the same at the source and in the database. */
export interface Difference {
  id: string;
  /** The `_id` at the source. */
  sourceId: string | null;
  /** `outdated`: the row is there, and its document no longer fits. */
  kind: 'missing' | 'different' | 'outdated' | 'extra';
  /** What differs: `latency: 12.5 at the source, 13 in the database`; or why the document does not fit. */
  details: string[];
}

/** A document that a key of the database keeps out. */
export interface Refusal {
  sourceId: string | null;
  reason: Reason;
}

interface Known {
  kind: Difference['kind'] | 'equal' | 'refused';
  sourceId: string | null;
}

export interface ComparisonOptions {
  /** Most differences that are told; all are counted. */
  limit: number;
  /** Most documents that are compared one by one, or that differ; their ids are kept in memory. */
  examined: number;
  /** Whether documents that are equal are remembered, so that `noteStored` knows which rows have none. */
  findsExtra: boolean;
}

const BATCH = 500;
const DETAILS = 5;
/** As many more are told as may still turn out to be equal: to a later document with their id, or when read again. */
const SPARE = 100;

/** Compares documents with their rows, one by one. */
export class Comparison {
  /** The first ones; by the id, of which the last document counts. */
  private readonly told = new Map<string, Difference>();
  /** By row id; of several documents with one id the last one that fits counts, as in an import. */
  private readonly known = new Map<string, Known>();
  private readonly refused = new Map<string, Refusal>();
  /** How many rows of documents were found. */
  stored = 0;
  /** Documents that were left out, since too many differ. */
  unexamined = 0;

  constructor(
    private readonly database: OpenDatabase,
    private readonly contents: readonly [RowContent, ...RowContent[]],
    private readonly children: readonly { field: string; parent: string }[],
    private readonly options: ComparisonOptions,
  ) {}

  /** Documents that the database would refuse, since they refer to nothing or have a key that is taken. */
  get refusals(): Refusal[] {
    return [...this.refused.values()];
  }

  /** The first ones; all are counted. */
  get differences(): Difference[] {
    return [...this.told.values()].slice(0, this.options.limit);
  }

  count(kind: Known['kind']): number {
    let count = 0;
    for (const known of this.known.values()) if (known.kind === kind) count += 1;
    return count;
  }

  /** @throws DbtoolError `database.*`, what reading the documents throws */
  async compare(documents: AsyncIterable<ReadDocument>): Promise<void> {
    let batch: ReadDocument[] = [];
    for await (const document of documents) {
      batch.push(document);
      if (batch.length < BATCH) continue;
      await this.compareBatch(batch);
      batch = [];
    }
    await this.compareBatch(batch);
  }

  /** Tells of a row in the database, so that those which are not at the source are found. */
  noteStored(row: Row): void {
    const id = String(row['id']);
    if (this.known.has(id) || isMarked(row)) return;
    this.note(id, 'extra', row['sourceId'] as string | null, () => []);
  }

  /**
   * Compares once more what was not equal, with what is on either side now. What has an `_id` that cannot be asked
   * for stays as it was found.
   * @param readAgain the documents with these `_id`s
   * @returns how many are no difference any more
   */
  async recheck(readAgain: (ids: readonly unknown[]) => AsyncIterable<ReadDocument>): Promise<number> {
    const ids = [...this.known]
      .map(([id, { kind, sourceId }]) => ({
        id,
        kind,
        _id: sourceId === null ? undefined : idOfText(sourceId),
      }))
      .filter(({ kind, _id }) => kind !== 'equal' && _id !== undefined);
    for (let at = 0; at < ids.length; at += BATCH) {
      const batch = ids.slice(at, at + BATCH);
      for (const { id } of batch) this.forget(id);
      const gone = new Set(batch.map(({ id }) => id));
      await this.compare(without(gone, readAgain(batch.map(({ _id }) => _id))));
      await this.noteGone([...gone]);
    }
    return ids.filter(({ id }) => !this.isDifference(id)).length;
  }

  /** What is no longer at the source is only in the database, if it is there. */
  private async noteGone(ids: readonly string[]): Promise<void> {
    const runner = this.database.dataSource.createQueryRunner();
    const { table } = this.contents[0];
    try {
      const columns = [
        columnOf(table, 'id'),
        columnOf(table, 'sourceId'),
        columnOf(table, 'sourceDeletedAt'),
      ] as const;
      for (const [id, sourceId, sourceDeletedAt] of await selectWhereIn(runner, table, [...columns], ids))
        this.noteStored({ id, sourceId, sourceDeletedAt });
    } finally {
      await runner.release();
    }
  }

  private isDifference(id: string): boolean {
    const kind = this.known.get(id)?.kind;
    return kind !== undefined && kind !== 'equal' && kind !== 'refused';
  }

  private forget(id: string): void {
    this.known.delete(id);
    this.told.delete(id);
    this.refused.delete(id);
  }

  private async compareBatch(batch: readonly ReadDocument[]): Promise<void> {
    if (batch.length === 0) return;
    if (!this.options.findsExtra && this.known.size >= this.options.examined) {
      this.unexamined += batch.length;
      return;
    }
    const documents = new Map<string, MappedDocument>();
    const unfit: UnfitDocument[] = [];
    for (const read of batch) {
      if ('unfit' in read) unfit.push(read.unfit);
      else documents.set(String(read.mapped.row['id']), read.mapped);
    }
    const runner = this.database.dataSource.createQueryRunner();
    try {
      await this.compareMapped(runner, documents);
      await this.noteUnfit(
        runner,
        unfit.filter(({ id }) => id === undefined || !documents.has(id)),
      );
    } finally {
      await runner.release();
    }
  }

  private async compareMapped(
    runner: QueryRunner,
    documents: ReadonlyMap<string, MappedDocument>,
  ): Promise<void> {
    const stored: Map<string, Row[]>[] = [];
    for (const [index, content] of this.contents.entries())
      stored.push(await rowsOf(runner, content, this.keyOf(index), [...documents.keys()]));
    this.stored += stored[0]?.size ?? 0;
    for (const [id, mapped] of documents) {
      const rows = stored.map((found) => found.get(id) ?? []);
      await this.compareOne(runner, id, mapped, rows);
    }
  }

  /** Of documents that do not fit those are told that had fitted before: their rows are still there. */
  private async noteUnfit(runner: QueryRunner, documents: readonly UnfitDocument[]): Promise<void> {
    const byId = new Map(documents.flatMap((one) => (one.id === undefined ? [] : [[one.id, one]])));
    const { table } = this.contents[0];
    for (const [id] of await selectWhereIn(runner, table, [columnOf(table, 'id')], [...byId.keys()])) {
      const document = byId.get(String(id));
      if (!document) continue;
      this.stored += 1;
      // Another document with the same id fits, and is what was imported.
      if (this.known.has(String(id))) continue;
      const { sourceId, reasons } = document;
      this.note(String(id), 'outdated', sourceId, () => reasons.map(reasonText));
    }
  }

  /** The property by which a table's rows belong to a document. */
  private keyOf(index: number): string {
    return index === 0 ? 'id' : (this.children[index - 1]?.parent ?? '');
  }

  private async compareOne(
    runner: QueryRunner,
    id: string,
    mapped: MappedDocument,
    [own = [], ...others]: Row[][],
  ): Promise<void> {
    this.forget(id);
    const { row } = mapped;
    const sourceId = row['sourceId'] as string | null;
    const [content, ...childContents] = this.contents;
    const [found] = own;
    const columns = found ? content.differing(row, found) : [];
    const marks = found && isMarked(found) ? [MARKED] : [];
    const lists = childContents.map((child, index) =>
      childDifferences(child, mapped.children[index]?.rows ?? [], others[index] ?? []),
    );
    if (found && marks.length + columns.length === 0 && lists.every((list) => list.length === 0)) {
      if (this.options.findsExtra) this.known.set(id, EQUAL);
      return;
    }
    const reason = await refusalOf(runner, content.table, row);
    if (reason) this.refused.set(id, { sourceId, reason });
    if (!found) this.note(id, reason ? 'refused' : 'missing', sourceId, () => []);
    else if (reason) this.note(id, 'outdated', sourceId, () => [reasonText(reason)]);
    else
      this.note(id, 'different', sourceId, () => [
        ...marks,
        ...columns.flatMap((column) => content.describe(column, row, found)),
        ...lists.flatMap((list) => list.flatMap((describe) => describe())),
      ]);
  }

  /** @param describe called only for what is going to be told: values may be long */
  private note(
    id: string,
    kind: Exclude<Known['kind'], 'equal'>,
    sourceId: string | null,
    describe: () => string[],
  ): void {
    this.known.set(id, { kind, sourceId });
    if (kind === 'refused' || this.told.size >= this.options.limit + SPARE) return;
    this.told.set(id, { id, sourceId, kind, details: firstOf(describe()) });
  }
}

const MARKED = 'is at the source, and marked in the database as gone there';
const EQUAL: Known = { kind: 'equal', sourceId: null };

/** Passes documents on, and takes their ids out of a set. */
async function* without(
  ids: Set<string>,
  documents: AsyncIterable<ReadDocument>,
): AsyncGenerator<ReadDocument> {
  for await (const read of documents) {
    ids.delete('mapped' in read ? String(read.mapped.row['id']) : (read.unfit.id ?? ''));
    yield read;
  }
}

/** Rows by the value that they have in a property. */
async function rowsOf(
  runner: QueryRunner,
  { table, columns, mark }: RowContent,
  key: string,
  ids: readonly string[],
): Promise<Map<string, Row[]>> {
  const first = columnOf(table, key);
  const others = [...columns.filter((column) => column !== first), ...(mark ? [mark] : [])];
  const wanted: [ColumnModel, ...ColumnModel[]] = [first, ...others];
  const rows = new Map<string, Row[]>();
  for (const values of await selectWhereIn(runner, table, wanted, ids)) {
    const row = Object.fromEntries(wanted.map(({ property }, index) => [property, values[index]]));
    const id = String(values[0]);
    rows.set(id, [...(rows.get(id) ?? []), row]);
  }
  return rows;
}

/** What differs in the rows of a list, each as what tells of it. */
function childDifferences(
  content: RowContent,
  mapped: readonly LogicalRow[],
  found: readonly Row[],
): (() => string[])[] {
  const { table } = content;
  const keys = table.columns.filter(({ primary }) => primary).map(({ property }) => property);
  const keyOf = (row: Row): string => JSON.stringify(keys.map((key) => row[key]));
  const nameOf = (row: Row): string => `${table.name} ${String(row['id'])}`;
  const stored = new Map(found.map((row) => [keyOf(row), row]));
  const differences: (() => string[])[] = [];
  for (const row of mapped) {
    const other = stored.get(keyOf(row));
    stored.delete(keyOf(row));
    if (!other) differences.push(() => [`${nameOf(row)} is not in the database`]);
    else
      for (const column of content.differing(row, other))
        differences.push(() => content.describe(column, row, other).map((one) => `${nameOf(row)} ${one}`));
  }
  for (const row of stored.values()) differences.push(() => [`${nameOf(row)} is not at the source`]);
  return differences;
}

function firstOf(details: readonly string[]): string[] {
  if (details.length <= DETAILS) return [...details];
  return [...details.slice(0, DETAILS), `and ${details.length - DETAILS} more`];
}
