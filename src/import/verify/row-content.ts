import type { Dialect } from '../../database/dialect.js';
import type { ColumnModel, TableModel } from '../../database/model/table-model.js';

/** A row by property, with values as the mapper makes them or as entities have them. */
export type Row = Readonly<Record<string, unknown>>;

/** What the import itself keeps in a row; the document says nothing of it. */
const NOT_CONTENT = new Set(['contentHash', 'sourceDeletedAt']);

/**
 * The content of rows in a form that is the same for equal rows, wherever they come from: JSON by its value and
 * not by its text, which some databases write anew; times in milliseconds; the empty text as none, where the
 * database makes no difference.
 */
export class RowContent {
  private readonly columns: readonly ColumnModel[];

  constructor(
    readonly table: TableModel,
    private readonly dialect: Dialect,
  ) {
    this.columns = table.columns.filter(({ property }) => !NOT_CONTENT.has(property));
  }

  /** @param isMapped whether JSON is still text, as the mapper makes it */
  text(row: Row, isMapped: boolean): string {
    return JSON.stringify([
      this.table.name,
      ...this.columns.map((column) => this.value(column, row, isMapped)),
    ]);
  }

  /** The columns whose content differs, with both as text to show: secrets are not. */
  differences(mapped: Row, found: Row): { column: string; source: string; database: string }[] {
    return this.columns.flatMap((column) => {
      const source = JSON.stringify(this.value(column, mapped, true));
      const database = JSON.stringify(this.value(column, found, false));
      if (source === database) return [];
      return [
        column.secret
          ? { column: column.name, source: '(secret)', database: '(another secret)' }
          : { column: column.name, source: shown(column, mapped), database: shown(column, found) },
      ];
    });
  }

  private value({ property, type }: ColumnModel, row: Row, isMapped: boolean): unknown {
    const value = row[property];
    if (value === null || value === undefined) return null;
    if (type.kind === 'json') return inOrder(isMapped ? (JSON.parse(value as string) as unknown) : value);
    if (value === '' && this.dialect.emptyStringIsNull) return null;
    return value instanceof Date ? value.getTime() : value;
  }
}

/** A value as it is told: what the mapper makes of JSON is text already. */
function shown({ property, type }: ColumnModel, row: Row): string {
  const value = row[property] ?? null;
  return type.kind === 'json' && typeof value === 'string' ? value : JSON.stringify(value);
}

/** A JSON value in which the order of an object's members says nothing. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, inner]) => [name, inOrder(inner)] as const);
  return { members: members.sort(([one], [other]) => (one < other ? -1 : 1)) };
}
