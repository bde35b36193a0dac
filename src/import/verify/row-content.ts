import type { Dialect } from '../../database/dialect.js';
import type { ColumnModel, TableModel } from '../../database/model/table-model.js';
import { IMPORT_PROPERTIES } from '../mapper.js';
import { describeDifference, isSecretName, shortened } from './shown-value.js';

/** A row by property, with values as the mapper makes them or as entities have them. */
export type Row = Readonly<Record<string, unknown>>;

/** Properties of imported rows that tell of the import and not of the document; children lack them. */
const NOT_CONTENT: ReadonlySet<string> = new Set(IMPORT_PROPERTIES);

const EXTRA = 'extra';
const MARK = 'sourceDeletedAt';

/** Whether an import has found the row's document to be gone at the source, and marked the row. */
export function isMarked(row: Row): boolean {
  return (row[MARK] ?? null) !== null;
}

/**
 * The content of rows in a form that is the same for equal rows, wherever they come from: JSON by its value and
 * not by its text, which some databases write anew; times in milliseconds; the empty text as none, where the
 * database makes no difference.
 */
export class RowContent {
  /** The columns that are compared. */
  readonly columns: readonly ColumnModel[];
  /** The column that marks rows; children have none. */
  readonly mark: ColumnModel | undefined;

  constructor(
    readonly table: TableModel,
    private readonly dialect: Dialect,
  ) {
    this.columns = table.columns.filter(({ property }) => !NOT_CONTENT.has(property));
    this.mark = table.columns.find(({ property }) => property === MARK);
  }

  /** @param isMapped whether JSON is still text, as the mapper makes it */
  text(row: Row, isMapped: boolean): string {
    return JSON.stringify([
      this.table.name,
      ...this.columns.map((column) => this.value(column, row, isMapped)),
    ]);
  }

  /** The columns whose content differs. */
  differing(mapped: Row, found: Row): ColumnModel[] {
    return this.columns.filter(
      (column) =>
        JSON.stringify(this.value(column, mapped, true)) !== JSON.stringify(this.value(column, found, false)),
    );
  }

  /** Tells of a column that differs in a line, of `extra` in one for each of its fields that does. */
  describe(column: ColumnModel, mapped: Row, found: Row): string[] {
    const source = parsed(column, mapped);
    const database = found[column.property] ?? null;
    const lines = column.property === EXTRA ? describeFields(column.name, source, database) : [];
    // Without fields at all on both sides, what differs is the column itself.
    return lines.length > 0
      ? lines
      : [describeDifference(column.name, source, database, column.secret ?? false)];
  }

  private value(column: ColumnModel, row: Row, isMapped: boolean): unknown {
    const value = isMapped ? parsed(column, row) : row[column.property];
    if (value === null || value === undefined) return null;
    if (column.type.kind === 'json') return inOrder(value);
    if (value === '' && this.dialect.emptyStringIsNull) return null;
    return value instanceof Date ? value.getTime() : value;
  }
}

/** A value of a row as the mapper makes it, JSON as a value. */
function parsed({ property, type }: ColumnModel, row: Row): unknown {
  const value = row[property] ?? null;
  return type.kind === 'json' && value !== null ? (JSON.parse(value as string) as unknown) : value;
}

function describeFields(name: string, source: unknown, database: unknown): string[] {
  const [there, here] = [fieldsOf(source), fieldsOf(database)];
  const names = [...new Set([...there.keys(), ...here.keys()])].sort();
  return names
    .filter((field) => JSON.stringify(inOrder(there.get(field))) !== JSON.stringify(inOrder(here.get(field))))
    .map((field) => {
      const [one, other] = [there.get(field), here.get(field)];
      const isSecret = isSecretName(field, one) || isSecretName(field, other);
      return describeDifference(`${name}.${shortened(field)}`, one, other, isSecret);
    });
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

/** A JSON value in which the order of an object's members says nothing. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, inner]) => [name, inOrder(inner)] as const);
  return { members: members.sort(([one], [other]) => (one < other ? -1 : 1)) };
}
