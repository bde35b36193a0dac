import { createHash } from 'node:crypto';
import type { OpenDatabase } from '../../src/database/data-source.js';
import { ALL_ENTITIES, IMPORT_RECORDS } from '../../src/entities/all-entities.js';
import { tableOf } from '../../src/database/model/table-model.js';

/**
 * A hash of everything in each table, read through the entities; equal only for equal rows, and the same on
 * every database but for the empty text, which is none on Oracle.
 * @param empty what the empty text in a column counts as
 */
export async function contentHashes(
  database: OpenDatabase,
  empty: '' | null = '',
): Promise<Record<string, string>> {
  return hashesOf(await contentLines(database, empty));
}

/** The hash of each table's lines, with how many there are. */
export function hashesOf(tables: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tables).map(([name, lines]) => [
      name,
      `${lines.length} rows ${createHash('sha256').update(lines.join('\n')).digest('hex')}`,
    ]),
  );
}

/** The rows of each table as sorted lines of JSON, as `contentHashes` reads them. */
export async function contentLines(
  database: OpenDatabase,
  empty: '' | null = '',
): Promise<Record<string, string[]>> {
  const tables: Record<string, string[]> = {};
  for (const entity of ALL_ENTITIES) {
    // They tell when an import ran.
    if (IMPORT_RECORDS.includes(entity)) continue;
    const rows = (await database.dataSource.getRepository(entity).find()).map((row) =>
      Object.fromEntries(
        Object.entries(row)
          // Of the same document from another kind of source it is another one.
          .filter(([name]) => name !== 'contentHash')
          .map(([name, value]) => [name, value === '' ? empty : value]),
      ),
    );
    tables[tableOf(entity).name] = rows
      .map((row) => JSON.stringify(row, Object.keys(row).sort().concat(keysBelow(row))))
      .sort();
  }
  return tables;
}

/** Keys of all objects inside, since a list of keys given to JSON.stringify holds for every level. */
function keysBelow(value: unknown): string[] {
  const keys = new Set<string>();
  const walk = (at: unknown): void => {
    if (typeof at !== 'object' || at === null || at instanceof Date) return;
    for (const [key, inner] of Object.entries(at)) {
      keys.add(key);
      walk(inner);
    }
  };
  walk(value);
  return [...keys].sort();
}
