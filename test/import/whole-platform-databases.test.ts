import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Document } from 'bson';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { campaign } from '../support/campaign.js';
import { forEachDatabase } from '../support/databases.js';
import { dumpOf } from '../support/import-documents.js';
import { type MongoHandle, startMongo } from '../support/mongo/start.js';
import { platformData } from '../support/platform-data.js';
import {
  expectSameOutcome,
  inDatabase,
  loadIntoMongo,
  type Outcome,
  outcomeOf,
} from '../support/platform-outcome.js';

const SIZE = { traces: campaign(2000), copies: campaign(40), awkward: campaign(300) };
const LIMIT_MS = 120_000 + campaign(600_000);

/** What the first database holds: every other must hold the same. */
let first: Outcome | undefined;

forEachDatabase('the whole platform', (kind) => {
  let folder: string;
  let mongo: MongoHandle;
  let data: Record<string, Document[]>;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dbtool-platform-'));
    mongo = await startMongo();
    // Oracle keeps no times before the year 100: calendar-limits.test.ts has them.
    data = Object.fromEntries(
      Object.entries(platformData(SIZE)).map(([name, list]) => [
        name,
        list.filter((one) => !holdsEarly(one)),
      ]),
    );
  });
  afterAll(async () => {
    await mongo.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it(
    'makes the same rows from a folder and from a live server, as on every other database',
    async () => {
      const outcomes: Outcome[] = [];
      for (const from of [await dumpOf(folder, data), await loadIntoMongo(mongo, data)])
        outcomes.push(await inDatabase(kind, (opened) => outcomeOf(opened, folder, [from], null)));
      const [dump, live] = outcomes as [Outcome, Outcome];
      expectSameOutcome(live, dump);
      first ??= dump;
      expectSameOutcome(dump, first);
      expect(dump.tables['traces']?.length).toBeGreaterThan(SIZE.traces);
    },
    LIMIT_MS,
  );
});

/** Whether there is a time before the year 100 in it. */
function holdsEarly(value: unknown): boolean {
  if (value instanceof Date) return value.getUTCFullYear() < 100;
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsEarly);
}
