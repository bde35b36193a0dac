import { expect } from '@jest/globals';
import { type Document, ObjectId } from 'bson';
import type { OpenDatabase } from '../../src/database/data-source.js';
import type { Reject } from '../../src/import/rejects.js';
import { contentLines } from './content-hash.js';
import { createTestDatabase, type DatabaseKind } from './databases.js';
import { importAll, verifyAll } from './import-documents.js';
import { loadDocuments } from './mongo/load.js';
import { databaseUrl, type MongoHandle } from './mongo/start.js';
import { migrateUp, open } from './open-database.js';
import { expectSameContent } from './same-content.js';

/** What an import made of a source. */
export interface Outcome {
  tables: Record<string, string[]>;
  /** Collection, `_id` and reasons of each document that is not in. */
  rejects: string[];
}

/** What a database says of what it refuses is its own. */
const REFUSED = 'the database refuses it';

export function shownRejects(rejects: readonly Reject[]): string[] {
  const words = (reason: string): string => (reason.startsWith(REFUSED) ? REFUSED : reason);
  return rejects
    .map(({ collection, id, reasons }) =>
      JSON.stringify([collection, id, reasons.map(({ reason }) => words(reason))]),
    )
    .sort();
}

/** Compares each source with the database: only what was rejected may be missing. */
export async function expectVerified(
  opened: OpenDatabase,
  sources: readonly string[],
  rejects: readonly Reject[],
): Promise<void> {
  const unfit: Record<string, number> = {};
  for (const { collection } of rejects) unfit[collection] = (unfit[collection] ?? 0) + 1;
  for (const from of sources)
    for (const [collection, result] of Object.entries(await verifyAll(opened, from)))
      expect([collection, result]).toMatchObject([
        collection,
        {
          ...{ unfit: unfit[collection] ?? 0, stored: result.read - (unfit[collection] ?? 0) },
          ...{ missing: 0, different: 0, outdated: 0, extra: 0, unexamined: 0, differences: [] },
        },
      ]);
}

/** Runs `work` on a new database with the platform's tables. */
export async function inDatabase<T>(
  kind: DatabaseKind,
  work: (opened: OpenDatabase, url: string) => Promise<T>,
): Promise<T> {
  const database = await createTestDatabase(kind);
  try {
    await migrateUp(database);
    return await open(database, (opened) => work(opened, database.url));
  } finally {
    await database.drop();
  }
}

/**
 * Imports sources one after the other, and verifies them when all are in.
 * @param folder for rejects
 * @param empty what the empty text in a column counts as
 */
export async function outcomeOf(
  opened: OpenDatabase,
  folder: string,
  sources: readonly string[],
  empty: '' | null = '',
): Promise<Outcome> {
  const rejects: Reject[] = [];
  for (const from of sources) {
    const one = await importAll(opened, folder, from);
    expect(one.result).toMatchObject({ complete: true, leftAlone: [] });
    rejects.push(...one.rejects);
  }
  await expectVerified(opened, sources, rejects);
  return { tables: await contentLines(opened, empty), rejects: shownRejects(rejects) };
}

export function expectSameOutcome(actual: Outcome, expected: Outcome): void {
  expectSameContent(actual.tables, expected.tables);
  expect(actual.rejects).toEqual(expected.rejects);
}

/** A new database of a server that holds the documents. @returns its URL */
export async function loadIntoMongo(mongo: MongoHandle, data: Record<string, Document[]>): Promise<string> {
  const name = `dbtool_test_${new ObjectId().toHexString()}`;
  await loadDocuments(mongo.url, name, data);
  return databaseUrl(mongo.url, name);
}
