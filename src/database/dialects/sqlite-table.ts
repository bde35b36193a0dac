/**
 * The text of a CREATE TABLE, taken apart only as far as a change needs it: what is not changed stays as
 * it was written, defaults, checks and comments included.
 */
export interface TableText {
  columns: ColumnText[];
  constraints: ConstraintText[];
  /** What follows the closing bracket, such as `WITHOUT ROWID`. */
  options: string;
}

export interface ColumnText {
  name: string;
  /** With all that is said of the column, its name included. */
  text: string;
}

export interface ConstraintText {
  kind: 'PRIMARY' | 'UNIQUE' | 'CHECK' | 'FOREIGN';
  name: string | undefined;
  /** Its own columns; none of a check's. */
  columns: string[];
  text: string;
}

interface Token {
  text: string;
  /** Upper case when it is a word without quotes; else empty. */
  word: string;
  /** How many brackets it stands in; a bracket itself counts as outside. */
  depth: number;
  start: number;
}

const TOKEN =
  /\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|'(?:[^']|'')*'|[\p{L}_$][\p{L}\p{N}_$]*|[\s\S]/gu;

function tokens(sql: string): Token[] {
  const found: Token[] = [];
  let depth = 0;
  for (const { 0: text, index } of sql.matchAll(TOKEN)) {
    if (/^(\s|--|\/\*)/.test(text)) continue;
    if (text === ')') depth -= 1;
    found.push({ text, word: /^[\p{L}_$]/u.test(text) ? text.toUpperCase() : '', depth, start: index });
    if (text === '(') depth += 1;
  }
  return found;
}

function unquote(text: string): string {
  const quote = /^["`'[]/.exec(text)?.[0];
  if (quote === undefined) return text;
  const inner = text.slice(1, -1);
  return quote === '[' ? inner : inner.replaceAll(quote + quote, quote);
}

/** @throws Error for a text that is no CREATE TABLE with columns */
export function parseTable(sql: string): TableText {
  const all = tokens(sql);
  const open = all.find((token) => token.text === '(' && token.depth === 0);
  const close = all.findLast((token) => token.text === ')' && token.depth === 0);
  if (!open || !close || all[1]?.word === 'VIRTUAL') throw new Error(`no CREATE TABLE: ${sql.slice(0, 60)}`);
  const table: TableText = { columns: [], constraints: [], options: sql.slice(close.start + 1).trim() };
  let start = open.start + 1;
  const ends = all.filter((token) => token.text === ',' && token.depth === 1 && token.start < close.start);
  for (const end of [...ends, close]) {
    addItem(table, sql.slice(start, end.start).trim());
    start = end.start + 1;
  }
  return table;
}

function addItem(table: TableText, text: string): void {
  const all = tokens(text);
  const [first] = all;
  if (!first) return;
  const isNamed = first.word === 'CONSTRAINT';
  const kind = (isNamed ? all[2] : first)?.word ?? '';
  if (!/^(PRIMARY|UNIQUE|CHECK|FOREIGN)$/.test(kind)) {
    table.columns.push({ name: unquote(first.text), text });
    return;
  }
  table.constraints.push({
    kind: kind as ConstraintText['kind'],
    name: isNamed ? unquote(all[1]?.text ?? '') : undefined,
    columns: kind === 'CHECK' ? [] : listedColumns(all),
    text,
  });
}

/** The names in the first brackets. */
function listedColumns(all: readonly Token[]): string[] {
  const start = all.findIndex((token) => token.text === '(');
  const end = all.findIndex((token, index) => index > start && token.text === ')' && token.depth === 0);
  const inside = all.slice(start + 1, end);
  return inside
    .filter((_, index) => index === 0 || inside[index - 1]?.text === ',')
    .map((token) => unquote(token.text));
}

export function createStatement(quotedName: string, { columns, constraints, options }: TableText): string {
  const items = [...columns, ...constraints].map(({ text }) => text);
  // A comment at an item's end would take the comma with it.
  return `CREATE TABLE ${quotedName} (${items.map(closed).join(', ')})${options === '' ? '' : ` ${options}`}`;
}

const closed = (text: string): string => (/--[^\n]*$/.test(text) ? `${text}\n` : text);

/** First words of what may be said of a column behind its type. */
const CLAUSES = new Set(
  'CONSTRAINT PRIMARY NOT NULL UNIQUE CHECK DEFAULT COLLATE REFERENCES GENERATED AS'.split(' '),
);

/** The column with another type and nullability; whatever else was said of it stays. */
export function withForm(column: ColumnText, typeText: string, nullable: boolean): ColumnText {
  const all = tokens(column.text);
  const [name] = all;
  const clause = all.slice(1).find((token) => token.depth === 0 && CLAUSES.has(token.word));
  const clauses = clause === undefined ? '' : withoutNotNull(column.text.slice(clause.start));
  return {
    name: column.name,
    text: [name?.text, typeText, clauses, nullable ? '' : 'NOT NULL'].filter(Boolean).join(' '),
  };
}

function withoutNotNull(clauses: string): string {
  const all = tokens(clauses);
  const at = all.findIndex((token, index) => token.word === 'NOT' && all[index + 1]?.word === 'NULL');
  if (at < 0) return clauses;
  const isNamed = all[at - 2]?.word === 'CONSTRAINT';
  const isConflict = all[at + 2]?.word === 'ON' && all[at + 3]?.word === 'CONFLICT';
  const next = all[at + (isConflict ? 5 : 2)];
  const before = clauses.slice(0, all[isNamed ? at - 2 : at]?.start);
  return `${before}${next === undefined ? '' : clauses.slice(next.start)}`.trim();
}

/** The column without the words that make it the primary key; undefined when it has none. */
export function withoutPrimaryKey(column: ColumnText): ColumnText | undefined {
  const all = tokens(column.text);
  const at = all.findIndex((token, index) => token.word === 'PRIMARY' && all[index + 1]?.word === 'KEY');
  if (at < 0) return undefined;
  let end = at + 2;
  if (/^(ASC|DESC)$/.test(all[end]?.word ?? '')) end += 1;
  if (all[end]?.word === 'ON' && all[end + 1]?.word === 'CONFLICT') end += 3;
  if (all[end]?.word === 'AUTOINCREMENT') end += 1;
  const start = all[at - 2]?.word === 'CONSTRAINT' ? at - 2 : at;
  const rest = all[end] === undefined ? '' : column.text.slice(all[end]?.start);
  return { name: column.name, text: `${column.text.slice(0, all[start]?.start)}${rest}`.trim() };
}
