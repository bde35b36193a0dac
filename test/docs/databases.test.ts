import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { mariadb, mysql } from '../../src/database/dialects/mysql.js';
import { oracle } from '../../src/database/dialects/oracle.js';
import { postgres } from '../../src/database/dialects/postgres.js';
import { sqlite } from '../../src/database/dialects/sqlite.js';
import { OLDEST_SERVER } from '../../src/doctor/doctor.js';

const PAGE = readFileSync(new URL('../../docs/databases.md', import.meta.url), 'utf8');

/** The cells of the row that begins so. */
function row(first: string): string[] {
  const line = PAGE.split('\n').find((text) => text.startsWith(`| ${first} `));
  if (line === undefined) throw new Error(`docs/databases.md has no row "${first}"`);
  return line
    .split('|')
    .slice(2, -1)
    .map((cell) => cell.trim());
}

it.each(Object.entries(OLDEST_SERVER))(
  'docs/databases.md names the oldest %s that the doctor accepts',
  (product, oldest) => {
    const [version = ''] = row(product);
    const parts = version.split('.').map(Number);
    expect([0, 1, 2].map((index) => parts[index] ?? 0)).toEqual(oldest);
  },
);

it('docs/databases.md tells what the dialects say of themselves', () => {
  expect(mysql.maxInList).toBe(mariadb.maxInList);
  const dialects = [postgres, mariadb, sqlite, oracle];
  expect(row('Values in one `IN` list')).toEqual(
    dialects.map(({ maxInList }) => maxInList.toLocaleString('en')),
  );
  expect(row('Empty text')).toEqual(
    dialects.map(({ emptyStringIsNull }) => (emptyStringIsNull ? 'NULL' : 'kept')),
  );
  expect(row('First year of a time')).toEqual(dialects.map(({ firstYear }) => String(firstYear)));
  expect(row('JSON as it was written')).toEqual(
    dialects.map(({ keepsJsonText }) => (keepsJsonText ? 'yes' : 'its value only')),
  );
  expect(row('A failed migration')).toEqual(
    dialects.map(({ transactionalDdl }) =>
      transactionalDdl ? 'is taken back' : 'stays half-way, is marked',
    ),
  );
});
