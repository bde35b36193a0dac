import type { CatalogueIndex, NativeColumn } from '../dialect.js';
import type { ColumnForm, ForeignKeyModel, TableChange } from '../model/table-change.js';

/** How one database writes what the statements of all have in common. */
export interface ChangeSyntax {
  quote: (name: string) => string;
  /** A column's type with its collation, as it stands in a statement. */
  typeText: (form: ColumnForm) => string;
  /** What follows the column that a foreign key refers to. */
  foreignKeyActions: (key: ForeignKeyModel) => string;
}

/** `varchar` and 20 to `varchar(20)`; a timestamp's precision stands within its name. */
export function nativeTypeText({ type, length, precision, scale, collation }: NativeColumn): string {
  const size = length ?? (scale === undefined ? precision : `${precision},${scale}`);
  const [word = '', ...more] = type.split(' ');
  const sized = type.startsWith('timestamp')
    ? [size === undefined ? word : `${word}(${size})`, ...more].join(' ')
    : `${type}${size === undefined ? '' : `(${size})`}`;
  return collation === undefined ? sized : `${sized} COLLATE "${collation}"`;
}

export function columnText({ quote, typeText }: ChangeSyntax, column: string, form: ColumnForm): string {
  return `${quote(column)} ${typeText(form)}${form.nullable ? '' : ' NOT NULL'}`;
}

export function columnList({ quote }: ChangeSyntax, columns: readonly string[]): string {
  return columns.map(quote).join(', ');
}

/** A foreign key as a table's constraint. */
export function foreignKeyText(syntax: ChangeSyntax, key: ForeignKeyModel): string {
  const { quote, foreignKeyActions } = syntax;
  const { table, column } = key.references;
  return `CONSTRAINT ${quote(key.name)} FOREIGN KEY (${quote(key.column)}) REFERENCES ${quote(table)} (${quote(column)})${foreignKeyActions(key)}`;
}

/** As all but Oracle write it; said outright, for left out some catalogues say RESTRICT. */
export function deleteAndUpdate({ references }: ForeignKeyModel): string {
  return ` ON DELETE ${references.onDelete} ON UPDATE NO ACTION`;
}

/** The rows of a catalogue, one for each column of an index, put together. */
export function indexesOf<R extends { table: string; name: string }>(
  rows: readonly R[],
  make: (rows: [R, ...R[]]) => Omit<CatalogueIndex, 'table' | 'name'>,
): CatalogueIndex[] {
  const groups = new Map<string, [R, ...R[]]>();
  for (const row of rows) {
    const key = JSON.stringify([row.table, row.name]);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()].map((group) => ({
    table: group[0].table,
    name: group[0].name,
    ...make(group),
  }));
}

type CommonChange = Exclude<TableChange, { change: 'change-column' }>;

/** The statement of a change as Postgres and Oracle both take it. */
export function commonStatement(syntax: ChangeSyntax, table: string, change: CommonChange): string {
  const { quote } = syntax;
  const alter = `ALTER TABLE ${quote(table)}`;
  switch (change.change) {
    case 'add-column':
      return `${alter} ADD ${columnText(syntax, change.column, change.form)}`;
    case 'drop-column':
      return `${alter} DROP COLUMN ${quote(change.column)}`;
    case 'rename-column':
      return `${alter} RENAME COLUMN ${quote(change.from)} TO ${quote(change.to)}`;
    case 'add-index':
      return `CREATE INDEX ${quote(change.key.name)} ON ${quote(table)} (${columnList(syntax, change.key.columns)})`;
    case 'drop-index':
      return `DROP INDEX ${quote(change.key.name)}`;
    case 'add-unique':
      return `${alter} ADD CONSTRAINT ${quote(change.key.name)} UNIQUE (${columnList(syntax, change.key.columns)})`;
    case 'add-foreign-key':
      return `${alter} ADD ${foreignKeyText(syntax, change.key)}`;
    case 'add-primary-key':
      return `${alter} ADD CONSTRAINT ${quote(change.key.name)} PRIMARY KEY (${columnList(syntax, change.key.columns)})`;
    case 'drop-unique':
    case 'drop-foreign-key':
    case 'drop-primary-key':
      return `${alter} DROP CONSTRAINT ${quote(change.key.name)}`;
  }
}
