import type { QueryRunner } from 'typeorm';
import type { OpenDatabase } from '../../database/data-source.js';
import type { LogicalRow } from '../../database/dialect.js';
import { selectWhereIn } from '../../database/portable-sql.js';
import type { LogicalValue } from '../../database/model/logical-type.js';
import { type ColumnModel, type TableModel, tableOf } from '../../database/model/table-model.js';
import { ALL_ENTITIES } from '../../entities/all-entities.js';
import type { MappedDocument } from '../mapper.js';
import type { Row, RowContent } from './row-content.js';

/** A document that is not the same at the source and in the database. */
export interface Difference {
  id: string;
  /** The `_id` at the source. */
  sourceId: string | null;
  kind: 'missing' | 'different' | 'extra';
  /** What differs: `latency: 12.5 at the source, 13 in the database`. */
  details: string[];
}

type Outcome = 'equal' | 'missing' | 'different' | 'refused';

const LONGEST = 80;
const DETAILS = 5;
const SPARE = 100;

/** Compares documents with their rows, one by one. */
export class Comparison {
  /** The first ones; by the id, of which the last document counts. */
  private readonly told = new Map<string, Difference>();
  private extra = 0;
  /** By row id; of several documents with one id the last one counts, as in an import. */
  private readonly outcomes = new Map<string, Outcome>();

  constructor(
    private readonly database: OpenDatabase,
    private readonly contents: readonly RowContent[],
    private readonly children: readonly { field: string; parent: string }[],
    private readonly limit: number,
  ) {}

  /** Documents that the database would refuse, since they refer to nothing or have a key that is taken. */
  get refused(): number {
    return this.count('refused');
  }

  /** The first ones; all are counted. */
  get differences(): Difference[] {
    return [...this.told.values()].slice(0, this.limit);
  }

  counts(): { missing: number; different: number; extra: number } {
    return { missing: this.count('missing'), different: this.count('different'), extra: this.extra };
  }

  async compare(given: readonly MappedDocument[]): Promise<void> {
    if (given.length === 0) return;
    const documents = [...new Map(given.map((mapped) => [String(mapped.row['id']), mapped]))];
    const runner = this.database.dataSource.createQueryRunner();
    try {
      const stored: Map<string, Row[]>[] = [];
      for (const [index, { table }] of this.contents.entries())
        stored.push(await this.rowsOf(runner, table, this.keyOf(index), documents));
      for (const [id, mapped] of documents) {
        const rows = stored.map((found) => found.get(id) ?? []);
        await this.compareOne(runner, id, mapped, rows);
      }
    } finally {
      await runner.release();
    }
  }

  /** Tells of a row in the database, so that those which are not at the source are found. */
  noteStored(row: Row): void {
    const id = String(row['id']);
    if (this.outcomes.has(id)) return;
    this.extra += 1;
    this.tell({ id, sourceId: row['sourceId'] as string | null, kind: 'extra', details: [] });
  }

  private count(outcome: Outcome): number {
    let count = 0;
    for (const one of this.outcomes.values()) if (one === outcome) count += 1;
    return count;
  }

  /** The property by which a table's rows belong to a document. */
  private keyOf(index: number): string {
    return index === 0 ? 'id' : (this.children[index - 1]?.parent ?? '');
  }

  private async rowsOf(
    runner: QueryRunner,
    table: TableModel,
    key: string,
    documents: readonly (readonly [string, MappedDocument])[],
  ): Promise<Map<string, Row[]>> {
    const first = columnOf(table, key);
    const columns: [ColumnModel, ...ColumnModel[]] = [
      first,
      ...table.columns.filter((column) => column !== first),
    ];
    const ids = documents.map(([id]) => id);
    const rows = new Map<string, Row[]>();
    for (const values of await selectWhereIn(runner, table, columns, ids)) {
      const row = Object.fromEntries(columns.map(({ property }, index) => [property, values[index]]));
      const id = String(values[0]);
      rows.set(id, [...(rows.get(id) ?? []), row]);
    }
    return rows;
  }

  private async compareOne(
    runner: QueryRunner,
    id: string,
    mapped: MappedDocument,
    [own = [], ...others]: Row[][],
  ): Promise<void> {
    const sourceId = mapped.row['sourceId'] as string | null;
    const [content, ...childContents] = this.contents;
    const [found] = own;
    this.told.delete(id);
    if (!content) return;
    if (!found) {
      const refused = await this.isRefused(runner, content.table, mapped.row);
      this.outcomes.set(id, refused ? 'refused' : 'missing');
      if (!refused) this.tell({ id, sourceId, kind: 'missing', details: [] });
      return;
    }
    const details = content.differences(mapped.row, found).map(describe);
    childContents.forEach((child, index) => {
      details.push(...this.compareChildren(child, mapped.children[index]?.rows ?? [], others[index] ?? []));
    });
    this.outcomes.set(id, details.length > 0 ? 'different' : 'equal');
    if (details.length > 0) this.tell({ id, sourceId, kind: 'different', details: shortened(details) });
  }

  private compareChildren(
    content: RowContent,
    mapped: readonly LogicalRow[],
    found: readonly Row[],
  ): string[] {
    const { table } = content;
    const keys = table.columns.filter(({ primary }) => primary).map(({ property }) => property);
    const keyOf = (row: Row): string => JSON.stringify(keys.map((key) => row[key]));
    const stored = new Map(found.map((row) => [keyOf(row), row]));
    const details: string[] = [];
    for (const row of mapped) {
      const key = keyOf(row);
      const other = stored.get(key);
      stored.delete(key);
      const name = `${table.name} ${String(row['id'])}`;
      if (!other) details.push(`${name} is not in the database`);
      else details.push(...content.differences(row, other).map((one) => `${name} ${describe(one)}`));
    }
    for (const row of stored.values())
      details.push(`${table.name} ${String(row['id'])} is not at the source`);
    return details;
  }

  /** Whether a foreign key or a unique key keeps the document out. */
  private async isRefused(runner: QueryRunner, table: TableModel, row: LogicalRow): Promise<boolean> {
    for (const { property, references } of table.columns) {
      const value = row[property] ?? null;
      if (!references || value === null) continue;
      const target = TABLES.get(references.table);
      const column = target?.columns.find(({ name }) => name === references.column);
      if (target && column && (await selectWhereIn(runner, target, [column], [value])).length === 0)
        return true;
    }
    for (const { columns: names } of table.uniques) {
      const columns = names.map((name) => columnOf(table, name, 'name'));
      const values = columns.map(({ property }) => row[property] ?? null);
      const [first] = columns;
      if (!first || values.includes(null)) continue;
      const rows = await selectWhereIn(
        runner,
        table,
        [first, ...columns.slice(1)],
        [values[0] as LogicalValue],
      );
      if (rows.some((found) => JSON.stringify(found) === JSON.stringify(values))) return true;
    }
    return false;
  }

  private tell(difference: Difference): void {
    // As many documents may still turn out to be equal to a later one with their id.
    if (this.told.size < this.limit + SPARE) this.told.set(difference.id, difference);
  }
}

const TABLES = new Map(ALL_ENTITIES.map((entity) => [tableOf(entity).name, tableOf(entity)]));

function columnOf(table: TableModel, name: string, by: 'property' | 'name' = 'property'): ColumnModel {
  const column = table.columns.find((one) => one[by] === name);
  if (!column) throw new Error(`${table.name} has no ${name}`);
  return column;
}

function describe({ column, source, database }: ReturnType<RowContent['differences']>[number]): string {
  return `${column}: ${short(source)} at the source, ${short(database)} in the database`;
}

function short(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

function shortened(details: readonly string[]): string[] {
  if (details.length <= DETAILS) return [...details];
  return [...details.slice(0, DETAILS), `and ${details.length - DETAILS} more`];
}
