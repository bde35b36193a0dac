import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Document } from 'bson';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Reject } from '../../src/import/rejects.js';
import { campaign } from '../support/campaign.js';
import { startCli } from '../support/cli.js';
import { contentLines } from '../support/content-hash.js';
import { EXTENDED_JSON, type ExtendedJsonForm, carriedBy } from '../support/extended-json-texts.js';
import { dumpOf } from '../support/import-documents.js';
import { startMongo } from '../support/mongo/start.js';
import { platformData } from '../support/platform-data.js';
import {
  expectSameOutcome,
  expectVerified,
  inDatabase,
  loadIntoMongo,
  type Outcome,
  outcomeOf,
  shownRejects,
} from '../support/platform-outcome.js';
import { type Layout, writeArchive, writeExtendedJson } from '../support/platform-sources.js';

const SIZE = { traces: campaign(2000), copies: campaign(40), awkward: campaign(300) };
const LIMIT_MS = 60_000 + campaign(600_000);

describe('the whole platform makes the same rows', () => {
  let folder: string;
  let data: Record<string, Document[]>;
  let expected: Outcome;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dbtool-platform-'));
    data = platformData(SIZE);
    expected = await imported([await dumpOf(folder, data)]);
  }, LIMIT_MS);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const newFolder = (): Promise<string> => mkdtemp(path.join(folder, 'source-'));
  const imported = (sources: readonly string[]): Promise<Outcome> =>
    inDatabase('sqlite', (opened) => outcomeOf(opened, folder, sources));

  it('of which some are in every table, and some documents fit nowhere', () => {
    const empty = Object.entries(expected.tables).filter(([, lines]) => lines.length === 0);
    expect(empty).toEqual([]);
    expect(expected.tables['traces']?.length).toBeGreaterThan(SIZE.traces);
    expect(expected.rejects.length).toBeGreaterThan(SIZE.awkward);
    expect(Object.keys(data)).toHaveLength(21);
  });

  it(
    'from a compressed folder',
    async () => {
      const from = await dumpOf(await newFolder(), data, 'genai', { gzip: true });
      expectSameOutcome(await imported([from]), expected);
    },
    LIMIT_MS,
  );

  it.each(['as it is', 'compressed'])(
    'from an archive, %s',
    async (how) => {
      const archive = await writeArchive(await newFolder(), data, how === 'compressed');
      expectSameOutcome(await imported([archive]), expected);
    },
    LIMIT_MS,
  );

  it(
    'from an archive on standard input',
    async () => {
      const archive = await writeArchive(await newFolder(), data, true);
      await inDatabase('sqlite', async (opened, url) => {
        const file = path.join(folder, 'stdin-rejects.ndjson');
        const { child, result } = startCli(['import', 'mongo', '--from', '-', '--rejects', file], {
          env: { DBTOOL_DATABASE_URL: url },
          timeoutMs: LIMIT_MS,
        });
        child.stdin.end(await readFile(archive));
        expect(await result).toMatchObject({ code: 4 });
        const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
        const rejects = lines.map((line) => JSON.parse(line) as Reject);
        await expectVerified(opened, [archive], rejects);
        const tables = await contentLines(opened);
        expectSameOutcome({ tables, rejects: shownRejects(rejects) }, expected);
      });
    },
    LIMIT_MS,
  );

  it(
    'from a live server',
    async () => {
      const mongo = await startMongo();
      try {
        expectSameOutcome(await imported([await loadIntoMongo(mongo, data)]), expected);
      } finally {
        await mongo.stop();
      }
    },
    LIMIT_MS,
  );

  const layouts: readonly { layout: Layout; gzip: boolean }[] = [
    { layout: 'lines', gzip: false },
    { layout: 'array', gzip: true },
    { layout: 'lines', gzip: true },
    { layout: 'array', gzip: false },
  ];

  it.each(Object.keys(EXTENDED_JSON) as ExtendedJsonForm[])(
    'from Extended JSON, %s, as lines and as array, compressed or not, but for what it cannot say',
    async (form) => {
      let said = expected;
      if (form !== 'canonical, version 2') {
        const left = Object.entries(data).map(([name, list]) => [
          name,
          list.map((one) => carriedBy(one, form)),
        ]);
        said = await imported([await dumpOf(folder, Object.fromEntries(left) as typeof data)]);
        // All but the awkward ones have nothing that it could not say.
        expect(differing(said, expected)).toBeGreaterThan(0);
        expect(differing(said, expected)).toBeLessThan(SIZE.awkward * 2);
      }
      // All ways of writing it, but in an ordinary run not with each form.
      const ways = layouts.filter(
        (_, index) => campaign(10) === 10 || index < 2 !== form.startsWith('relaxed'),
      );
      for (const way of ways) {
        const files = await writeExtendedJson(await newFolder(), data, { form, ...way });
        expectSameOutcome(await imported(files), said);
      }
    },
    LIMIT_MS,
  );
});

/** How many rows of the one are not in the other. */
function differing(one: Outcome, other: Outcome): number {
  return Object.entries(one.tables).reduce((sum, [table, lines]) => {
    const known = new Set(other.tables[table]);
    return sum + lines.filter((line) => !known.has(line)).length;
  }, 0);
}
