import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runCli, startCli, type CliResult } from '../support/cli.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';

const DEMO_DUMP = fileURLToPath(new URL('../../fixtures/demo-dump/genai', import.meta.url));
/** The CSV of the first database that ran; every other must give the same bytes. */
let firstCsv: { kind: string; csv: string } | undefined;

forEachDatabase('the main job through the real program', (kind) => {
  let database: TestDatabase;
  let folder: string;
  const dbtool = (...args: string[]): Promise<CliResult> =>
    runCli(args, { cwd: folder, env: { DBTOOL_DATABASE_URL: database.url }, timeoutMs: 120_000 });

  beforeAll(async () => {
    database = await createTestDatabase(kind);
    folder = await mkdtemp(join(tmpdir(), 'dbtool-main-job-'));
    expect(await dbtool('migrate', 'up')).toMatchObject({ code: 0 });
    const imported = await dbtool('import', 'mongo', '--from', DEMO_DUMP, '--rejects', 'rejects.ndjson');
    expect(imported).toMatchObject({ code: 4 });
    expect(imported.stdout).toMatch(/traces +2004 +2000 +0 +4 /);
    expect(imported.stderr).toContain('9 documents do not fit (import.rejects)');
  });

  afterAll(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  it('proves that the database holds what the source says, but for what does not fit', async () => {
    const verify = (...args: string[]): Promise<CliResult> => dbtool('import', 'verify', '--from', ...args);
    const all = await verify(DEMO_DUMP);
    expect(all).toMatchObject({ code: 4 });
    expect(all.stdout).toMatch(/traces +equal +2004 +4 +2000 +0 +0 +0 /);
    expect(all.stdout).not.toContain('differs');
    expect(await verify(DEMO_DUMP, '--collection', 'agents')).toMatchObject({ code: 0, stderr: '' });
    const other = join(folder, 'agents.json');
    await writeFile(other, '{"_id":{"$oid":"6bf4f4142491b515fff37315"},"system_name":"OTHER"}\n');
    const differs = await verify(other, '--json');
    expect(differs.code).toBe(12);
    expect(JSON.parse(differs.stdout)).toMatchObject({
      ok: false,
      findings: [{ code: 'import.verify.mismatch' }],
      data: { collections: [{ collection: 'agents', missing: 1, different: 0, extra: 3 }] },
    });
  });

  it('gives the same CSV, byte for byte, on every database', async () => {
    const { code, stdout, stderr } = await dbtool('report', 'traces', '--format', 'csv');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')[0]).toBe(
      'id,start_time,name,type,status,channel,source,user_id,feature,latency_ms,spans,tokens,cost',
    );
    expect((stdout.match(/\n/g) ?? []).length).toBeGreaterThan(2000);
    firstCsv ??= { kind, csv: stdout };
    // Compared as lines first: a difference is then shown, not two megabytes.
    expect(
      stdout
        .split('\n')
        .filter((line, at) => line !== firstCsv?.csv.split('\n', at + 1)[at])
        .slice(0, 3),
    ).toEqual([]);
    expect(stdout === firstCsv.csv).toBe(true);
  });

  it('filters by time, status, type, channel and user, half-open in time', async () => {
    const count = async (...filter: string[]): Promise<number> => {
      const { code, stdout } = await dbtool('report', 'traces', '--format', 'ndjson', ...filter);
      expect(code).toBe(0);
      const rows = stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      return rows.length;
    };
    const all = await count();
    expect(all).toBe(2000);
    const before = await count('--to', '2025-08-10');
    const after = await count('--from', '2025-08-10');
    expect(before).toBeGreaterThan(100);
    expect(before + after).toBe(all);
    const byStatus = await Promise.all(
      ['success', 'error', 'running'].map((status) => count('--status', status)),
    );
    expect(byStatus.every((number) => number > 0)).toBe(true);
    expect(byStatus.reduce((sum, number) => sum + number)).toBe(all);
    expect(await count('--type', 'agent', '--channel', 'production')).toBeLessThan(
      await count('--type', 'agent'),
    );
    expect(await count('--user', 'Иван Петров')).toBeGreaterThan(0);
    expect(await count('--user', 'иван петров')).toBe(0);
    expect(await count('--limit', '7')).toBe(7);
  });

  it('writes to a file, which is there only when it is complete', async () => {
    const { code, stdout } = await dbtool('report', 'traces', '--format', 'csv', '--output', 'traces.csv');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(await readFile(join(folder, 'traces.csv'), 'utf8')).toBe(firstCsv?.csv);
    expect((await readdir(folder)).filter((name) => name.includes('tmp'))).toEqual([]);
  });

  it('shows one trace as a waterfall, by the beginning of its id too', async () => {
    const { stdout: listed } = await dbtool('report', 'traces', '--type', 'agent', '--limit', '1', '--json');
    const [newest] = (
      JSON.parse(listed) as { data: { traces: { id: string; spans: number; cost: string }[] } }
    ).data.traces;
    const shown = await dbtool('report', 'trace', newest!.id.slice(0, 20));
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toContain(`cost ${newest!.cost}`);
    expect(shown.stdout.match(/[├└]─ /g)).toHaveLength(newest!.spans);
    expect(shown.stdout).toContain('█');
    const asJson = await dbtool('report', 'trace', newest!.id, '--format', 'json');
    expect(JSON.parse(asJson.stdout)).toMatchObject({ id: newest!.id, cost_total: newest!.cost });
  });

  it('ends quietly when its reader has seen enough', async () => {
    const { child, result } = startCli(['report', 'traces', '--format', 'csv'], {
      cwd: folder,
      env: { DBTOOL_DATABASE_URL: database.url },
    });
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await result).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  it('tells that all is well, and what is wrong', async () => {
    const healthy = await dbtool('doctor', '--json');
    expect(healthy.code).toBe(0);
    const { checks } = (
      JSON.parse(healthy.stdout) as { data: { checks: { name: string; status: string }[] } }
    ).data;
    expect(checks.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['node', 'server', 'time zone', 'privileges', 'migrations']),
    );
    const down = await dbtool('migrate', 'down', '--yes');
    expect(down).toMatchObject({ code: 0 });
    const sick = await dbtool('doctor', '--json');
    expect(sick.code).toBe(6);
    expect(JSON.parse(sick.stdout)).toMatchObject({ ok: false, error: { code: 'doctor.findings' } });
    expect(await dbtool('migrate', 'status', '--check')).toMatchObject({ code: 5 });
    expect(await dbtool('report', 'traces')).toMatchObject({ code: 2 });
  });
});

forEachDatabase('destructive commands', (kind) => {
  it('ask, and refuse a database that is marked as production', async () => {
    const database = await createTestDatabase(kind);
    const dbtool = (...args: string[]): Promise<CliResult> =>
      runCli(args, { env: { DBTOOL_DATABASE_URL: database.url } });
    try {
      await dbtool('migrate', 'up');
      expect(await dbtool('migrate', 'down')).toMatchObject({ code: 2, stdout: '' });
      expect((await dbtool('database', 'mark', 'production')).code).toBe(0);
      const refused = await dbtool('migrate', 'down', '--yes');
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain('usage.production.refused');
      expect((await dbtool('migrate', 'status', '--check')).code).toBe(0);
      expect((await dbtool('migrate', 'down', '--yes', '--allow-production')).code).toBe(0);
      expect((await dbtool('database', 'mark', 'development')).code).toBe(0);
      await dbtool('migrate', 'up');
      expect((await dbtool('migrate', 'down', '--yes')).code).toBe(0);
    } finally {
      await database.drop();
    }
  });
});
