import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseKind } from '../../support/databases.js';

/** A migration of a campaign, in the words that all databases understand. */
export interface BodyMigration {
  name: string;
  form: 'sql' | 'class';
  transaction: boolean;
  up: string[];
}

/** The table in which every body leaves its name, so that one that ran twice shows. */
export const LEDGER = 'ledger';

const FORMS = [
  { form: 'sql', transaction: true },
  { form: 'class', transaction: true },
  { form: 'sql', transaction: true },
  { form: 'sql', transaction: false },
  { form: 'class', transaction: false },
] as const;

/**
 * So many migrations, SQL files and classes, one in each five of either without a transaction. The first makes
 * the ledger; each further one makes a table with an index and rows, changes it, and enters its name.
 */
export function bodyMigrations(kind: DatabaseKind, count: number): BodyMigration[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `${20260101000001 + index}-body-${index + 1}`;
    const form = FORMS[index % FORMS.length]!;
    if (index === 0) return { name, ...form, up: [`CREATE TABLE ${LEDGER} (name VARCHAR(100) NOT NULL)`] };
    const table = `t${index + 1}`;
    const up = [
      `CREATE TABLE ${table} (id INTEGER NOT NULL PRIMARY KEY, label VARCHAR(50))`,
      `CREATE INDEX ${table}_label ON ${table} (label)`,
      `INSERT INTO ${table} (id, label) VALUES (1, 'one')`,
      // A class waits by itself: what reads is no statement of its history.
      ...(form.form === 'sql' ? pause(kind) : []),
      `ALTER TABLE ${table} ADD ${kind === 'oracle' ? '' : 'COLUMN '}note VARCHAR(50)`,
      `UPDATE ${table} SET note = 'noted; or not' WHERE id = 1`,
      `INSERT INTO ${LEDGER} (name) VALUES ('${name}')`,
    ];
    return { name, ...form, up };
  });
}

/** Some milliseconds in the middle of a body, so that others have the time to get in its way. */
function pause(kind: DatabaseKind): string[] {
  switch (kind) {
    case 'postgres':
      return ['SELECT pg_sleep(0.02)'];
    case 'mariadb':
    case 'mysql':
      return ['SELECT SLEEP(0.01)'];
    case 'sqlite':
      return [
        'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT max(i) FROM n',
      ];
    case 'oracle':
      return [];
  }
}

export async function writeMigrations(folder: string, migrations: readonly BodyMigration[]): Promise<void> {
  for (const migration of migrations) {
    const [ending, text] =
      migration.form === 'sql' ? ['sql', sqlFile(migration)] : ['js', classFile(migration)];
    await writeFile(join(folder, `${migration.name}.${ending}`), text);
  }
}

function sqlFile({ up, transaction }: BodyMigration): string {
  // The ledger holds rows by the time that what a kill left open is run.
  const allowed = (statement: string): string =>
    /^(INSERT|UPDATE)/.test(statement)
      ? `-- dbtool:allow mixed-ddl-dml: meant\n${statement};`
      : `${statement};`;
  const marker = `-- migrate:up${transaction ? '' : ' transaction:false'}`;
  return `${[marker, ...up.map(allowed)].join('\n')}\n`;
}

function classFile({ name, up, transaction }: BodyMigration): string {
  const className = `Body${name.slice(0, 14)}`;
  const pause = '    await new Promise((resolve) => setTimeout(resolve, 20));';
  const queries = up.map((statement) => `    await runner.query(${JSON.stringify(statement)});`);
  return [
    `export class ${className} {`,
    "  allow = ['mixed-ddl-dml'];",
    ...(transaction ? [] : ['  transaction = false;']),
    '  async up(runner) {',
    ...queries.toSpliced(3, 0, pause),
    '  }',
    '  async down() {}',
    '}',
    '',
  ].join('\n');
}
