import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadSettings } from '../../src/config/load-settings.js';
import { forgetSecrets } from '../../src/config/redact.js';
import type { Settings } from '../../src/config/settings.js';
import { parseDatabaseUrl } from '../../src/database/database-url.js';

const PAGE = new URL('../../docs/configuration.md', import.meta.url);

describe('the example in docs/configuration.md', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'dbtool-example-')));
    const page = await readFile(PAGE, 'utf8');
    const example = /<!-- example: dbtool\.config\.yaml -->\s+```yaml\n([^]*?)```/.exec(page)?.[1];
    if (example === undefined) throw new Error('the page has no example');
    await writeFile(join(folder, 'dbtool.config.yaml'), example);
    await mkdir(join(folder, 'secrets'));
    await writeFile(join(folder, 'secrets/staging-database'), 'of the database\n');
    await writeFile(join(folder, 'secrets/staging-mongodb'), 'of MongoDB\n');
  });
  afterAll(async () => {
    forgetSecrets();
    await rm(folder, { recursive: true });
  });

  const load = (environment?: string, env: Record<string, string> = {}): Promise<Settings> =>
    loadSettings({ cwd: folder, env: { HOME: folder, ...env }, environment });

  it('works on SQLite by itself', async () => {
    const settings = await load();
    expect(settings.environment).toBe('development');
    expect(settings.database.url).toBe(`sqlite:${join(folder, 'dbtool.sqlite')}`);
    expect(settings.database.poolSize).toBe(4);
    expect(settings.import).toMatchObject({ from: join(folder, 'dumps/genai'), batchSize: 500 });
  });

  it('has a staging environment with its passwords in files', async () => {
    const { database, import: source } = await load('staging');
    expect(parseDatabaseUrl(database.url)).toMatchObject({
      kind: 'postgres',
      host: 'db.staging.example.com',
    });
    expect(database).toMatchObject({ password: 'of the database', statementTimeout: 300_000, poolSize: 4 });
    expect(database.tls).toMatchObject({
      mode: 'verify',
      ca: join(folder, 'certificates/staging-ca.pem'),
    });
    expect(source.password).toBe('of MongoDB');
  });

  it('has a production environment with its passwords in the environment', async () => {
    const { database, import: source } = await load(undefined, {
      DBTOOL_ENV: 'production',
      DBTOOL_DATABASE_PASSWORD: 'from outside',
    });
    expect(parseDatabaseUrl(database.url)).toMatchObject({ host: 'db.example.com' });
    expect(database).toMatchObject({ password: 'from outside', poolSize: 8 });
    expect(source).toMatchObject({ batchSize: 1000, password: undefined });
  });
});
