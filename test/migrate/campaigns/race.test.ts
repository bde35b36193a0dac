import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { campaign, tally } from '../../support/campaign.js';
import { runCli } from '../../support/cli.js';
import { createTestDatabase, forEachDatabase } from '../../support/databases.js';
import { type BodyMigration, bodyMigrations, LEDGER, writeMigrations } from './body-migrations.js';
import { observe } from './observe.js';

forEachDatabase('several migrate up at once', (kind) => {
  const processes = kind === 'oracle' ? 2 : 4;
  const rounds = campaign(kind === 'oracle' ? 10 : 50);
  let folder: string;
  let migrations: BodyMigration[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dbtool-race-'));
    migrations = bodyMigrations(kind, 8);
    await writeMigrations(folder, migrations);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it(`${processes} processes, ${rounds} rounds: every body runs once, and all end well`, async () => {
    const seen = { applied: 0, waited: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const database = await createTestDatabase(kind);
      try {
        const results = await Promise.all(
          Array.from({ length: processes }, () =>
            runCli(['migrate', 'up', '--json', '--folder', folder], {
              env: { DBTOOL_DATABASE_URL: database.url },
              timeoutMs: 120_000,
            }),
          ),
        );
        for (const { code, stdout, stderr } of results)
          expect({ code, stdout: code === 0 ? '' : stdout, stderr: code === 0 ? '' : stderr }).toEqual({
            code: 0,
            stdout: '',
            stderr: '',
          });
        const { dump, history } = await observe(database);
        const bodies = migrations.slice(1).map(({ name }) => name);
        expect(
          dump.rows[LEDGER]?.map((row) => Object.values(JSON.parse(row) as Record<string, string>)[0]),
        ).toEqual(bodies);
        expect(history).toEqual(
          migrations.map(({ name, up }, index) => ({
            run: index + 1,
            name,
            action: 'up',
            direction: 'up',
            status: 'done',
            checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
            statements: up.length,
          })),
        );
        seen.applied += results.filter(({ stdout }) => stdout.includes('-body-')).length;
        seen.waited += results.filter(({ stderr }) => stderr.includes('Waiting for another process')).length;
      } finally {
        await database.drop();
      }
    }
    tally(`${kind}: ${rounds} rounds of ${processes} migrate up at once`, {
      'applied something': seen.applied,
      'waited for another': seen.waited,
      'processes in all': rounds * processes,
    });
  }, 1_800_000);
});
