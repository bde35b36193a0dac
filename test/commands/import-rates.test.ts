import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ImportResult } from '../../src/import/importer.js';
import { runCli } from '../support/cli.js';
import { createTestDatabase, type TestDatabase } from '../support/databases.js';
import { migrateUp } from '../support/open-database.js';

const DEMO = fileURLToPath(new URL('../../fixtures/demo-dump/genai', import.meta.url));

describe('import mongo --json', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase('sqlite');
    await migrateUp(database);
  });
  afterAll(() => database.drop());

  const importDemo = async (...flags: string[]): Promise<{ data: ImportResult; ms: number }> => {
    const start = performance.now();
    const { stdout } = await runCli(['import', 'mongo', '--from', DEMO, '--json', ...flags], {
      env: { DBTOOL_DATABASE_URL: database.url },
    });
    const { data } = JSON.parse(stdout) as { data: ImportResult };
    return { data, ms: performance.now() - start };
  };

  it('tells bytes, duration and documents a second, by collection and in total', async () => {
    const { data, ms } = await importDemo();
    for (const { collection, read, bytes, durationMs, documentsPerSecond } of data.collections) {
      const file = await readFile(path.join(DEMO, `${collection}.bson.gz`));
      expect([collection, bytes]).toEqual([collection, gunzipSync(file).length]);
      expect(documentsPerSecond).toBe(Math.round((read * 10_000) / Math.max(1, durationMs)) / 10);
    }
    const { total } = data;
    const sum = (key: 'read' | 'bytes' | 'imported' | 'rejected' | 'durationMs'): number =>
      data.collections.reduce((all, one) => all + one[key], 0);
    for (const key of ['read', 'bytes', 'imported', 'rejected'] as const) expect(total[key]).toBe(sum(key));
    expect(total.read).toBeGreaterThan(6000);
    // Looking the files through, and what lies between the collections, is in it; starting the program is not.
    expect(total.durationMs).toBeGreaterThan(sum('durationMs') - data.collections.length);
    expect(total.durationMs).toBeLessThan(ms);
    const rate = (total.read / total.durationMs) * 1000;
    expect(Math.abs((total.documentsPerSecond ?? 0) - rate)).toBeLessThan(rate / 100);
  });

  it('tells none where nothing was read', async () => {
    await importDemo('--collection', 'traces', '--since', 'last');
    const { data } = await importDemo('--collection', 'traces', '--since', 'last');
    expect(data.collections).toMatchObject([
      { sameSource: true, read: 0, bytes: 0, documentsPerSecond: null },
    ]);
    expect(data.total).toMatchObject({ read: 0, bytes: 0, documentsPerSecond: null });
  });
});
