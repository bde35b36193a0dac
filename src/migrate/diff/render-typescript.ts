import type { Difference } from './differences.js';
import type { Operation } from './operations.js';
import type { DifferencePlan } from './plan-differences.js';

const WIDTH = 110;
const TYPES = ['string', 'text', 'integer', 'double', 'money', 'flag', 'instant', 'json'];
const TABLES = ['createTables', 'dropTables'];

export interface RenderOptions {
  className: string;
  /** Whether it stands among dbtool's own migrations, which import modules and not the package. */
  isOwn: boolean;
}

/** A migration class that does what the plan says, on every database. */
export function renderTypeScript(
  plan: DifferencePlan,
  differences: readonly Difference[],
  { className, isOwn }: RenderOptions,
): string {
  const up = plan.up.map(statement).join('\n');
  const down = plan.down.map(statement).join('\n');
  const operations = [...plan.up, ...plan.down].filter((operation) => operation.call !== 'query');
  const names = operations.flatMap(({ call, value }) => [call, ...typesIn(value)]);
  const functions = [...new Set(names)].sort();
  const sentences = differences.map(({ sentence }) => ` * - ${oneLine(sentence).replaceAll('*/', '* /')}`);
  return [
    ...imports(functions, isOwn),
    '',
    '/**',
    ' * Makes the database what the entities say:',
    ...sentences,
    ' */',
    `export class ${className} implements MigrationInterface {`,
    '  async up(runner: QueryRunner): Promise<void> {',
    up,
    '  }',
    '',
    '  async down(runner: QueryRunner): Promise<void> {',
    down,
    '  }',
    '}',
    '',
  ].join('\n');
}

function imports(functions: readonly string[], isOwn: boolean): string[] {
  const line = (names: readonly string[], from: string): string[] => {
    if (names.length === 0) return [];
    const inline = `import { ${names.join(', ')} } from '${from}';`;
    if (inline.length <= WIDTH) return [inline];
    return ['import {', ...names.map((name) => `  ${name},`), `} from '${from}';`];
  };
  if (!isOwn) return line([...functions, 'type MigrationInterface', 'type QueryRunner'], 'dbtool/migration');
  const model = '../src/database/model';
  const isChange = (name: string): boolean => !TABLES.includes(name) && !TYPES.includes(name);
  return [
    `import type { MigrationInterface, QueryRunner } from 'typeorm';`,
    ...line(functions.filter(isChange), `${model}/change-tables.js`),
    ...line(
      functions.filter((name) => TABLES.includes(name)),
      `${model}/create-tables.js`,
    ),
    ...line(
      functions.filter((name) => TYPES.includes(name)),
      `${model}/logical-type.js`,
    ),
  ];
}

function statement(operation: Operation): string {
  if (operation.call === 'query') {
    const reason = `    // For this database only: ${oneLine(operation.reason)}.`;
    return `${reason}\n    await runner.query(${quoted(operation.sql)});`;
  }
  const table = 'table' in operation ? `${quoted(operation.table)}, ` : '';
  const start = `    await ${operation.call}(runner, ${table}`;
  return `${start}${valueText(operation.value, 4, start.length + ');'.length)});`;
}

/**
 * @param indent of the line that the value begins in
 * @param taken columns of that line that other things take
 */
function valueText(value: unknown, indent: number, taken: number): string {
  const inline = inlineText(value);
  if (inline.length + taken <= WIDTH && !isMatrix(value)) return inline;
  const pad = ' '.repeat(indent + 2);
  const end = ' '.repeat(indent);
  if (Array.isArray(value)) {
    const items = value.map((item) => `${pad}${valueText(item, indent + 2, indent + 3)},`);
    return `[\n${items.join('\n')}\n${end}]`;
  }
  if (typeof value !== 'object' || value === null || isLogicalType(value)) return inline;
  const entries = Object.entries(value).map(([key, item]) => {
    const start = `${pad}${keyText(key)}: `;
    return `${start}${valueText(item, indent + 2, start.length + 1)},`;
  });
  return `{\n${entries.join('\n')}\n${end}}`;
}

/** Whether there is a list of lists or of objects in it, which prettier writes one to a line. */
function isMatrix(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || isLogicalType(value)) return false;
  const items: unknown[] = Object.values(value);
  const hasSeveral = (item: unknown): boolean =>
    typeof item === 'object' && item !== null && !isLogicalType(item) && Object.keys(item).length > 1;
  const isOfOneKind = items.every((item) => Array.isArray(item) === Array.isArray(items[0]));
  return (
    (Array.isArray(value) && items.length > 1 && isOfOneKind && items.every(hasSeveral)) ||
    items.some(isMatrix)
  );
}

function inlineText(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(inlineText).join(', ')}]`;
  if (isLogicalType(value)) return `${value.kind}(${value.length ?? ''})`;
  const entries = Object.entries(value).map(([key, item]) => `${keyText(key)}: ${inlineText(item)}`);
  return `{ ${entries.join(', ')} }`;
}

/** Names of the functions that make the logical types in a value. */
function typesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return isLogicalType(value) ? [value.kind] : Object.values(value).flatMap(typesIn);
}

function isLogicalType(value: object): value is { kind: string; length?: number } {
  return 'kind' in value && TYPES.includes(String(value.kind));
}

const keyText = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key));

/** As prettier quotes: with what needs fewer escapes. */
function quoted(text: string): string {
  const json = JSON.stringify(text);
  const inner = json.slice(1, -1).replaceAll('\\"', '"');
  return text.includes("'") ? json : `'${inner}'`;
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
