import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadSettings } from '../../src/config/load-settings.js';
import { forgetSecrets } from '../../src/config/redact.js';
import { SETTINGS } from '../../src/config/settings.js';
import { shownSettings } from '../../src/config/shown-settings.js';
import { campaign } from '../support/campaign.js';
import { useTempFolder } from '../support/temp-folder.js';

const folder = useTempFolder();
afterEach(forgetSecrets);

describe('shownSettings', () => {
  it('shows every setting, what is not set included', async () => {
    const shown = shownSettings(await loadSettings({ cwd: folder.path, env: {} }));
    expect(shown.map(({ key }) => key)).toEqual(SETTINGS.map(({ key }) => key));
    expect(shown[0]).toEqual({
      key: 'database.url',
      value: 'sqlite:dbtool.sqlite',
      origin: 'default',
      variable: 'DBTOOL_DATABASE_URL',
      summary: SETTINGS[0]?.summary,
    });
    expect(shown.find(({ key }) => key === 'import.from')).toMatchObject({ value: null, origin: 'not set' });
  });

  it('masks what is secret and leaves the rest as it is', async () => {
    const env = {
      DBTOOL_DATABASE_URL: 'postgres://bob:hunter2@db:5432/x',
      DBTOOL_DATABASE_PASSWORD: 'tiger4',
      DBTOOL_DATABASE_POOL_SIZE: '9',
      DBTOOL_IMPORT_FROM: 'mongodb://h/x?authMechanismProperties=AWS_SESSION_TOKEN:abc',
    };
    const shown = shownSettings(await loadSettings({ cwd: folder.path, env }));
    const value = (key: string): unknown => shown.find((one) => one.key === key)?.value;
    expect(value('database.url')).toBe('postgres://bob:***@db:5432/x');
    expect(value('database.password')).toBe('***');
    expect(value('import.password')).toBeNull();
    expect(value('database.poolSize')).toBe(9);
    expect(String(value('import.from'))).not.toContain('abc');
  });

  it('never shows a password, whatever it is and wherever it stands', async () => {
    // Long enough not to be part of anything else by chance; any characters around that.
    const password = fc
      .tuple(fc.string({ maxLength: 8, unit: 'grapheme' }), fc.string({ maxLength: 8, unit: 'binary-ascii' }))
      .map(([head, tail]) => `${head}S3cr3tW0rd${tail}`)
      .filter((text) => !text.includes('\n') && !text.includes('\r'));
    await fc.assert(
      fc.asyncProperty(
        password,
        fc.constantFrom('variable', 'file', 'url', 'raw url', 'source', 'parameter', 'twice'),
        async (secret, place) => {
          forgetSecrets();
          const encoded = encodeURIComponent(Buffer.from(secret).toString());
          const urls: Record<string, Record<string, string>> = {
            variable: { DBTOOL_DATABASE_PASSWORD: secret },
            file: { DBTOOL_DATABASE_PASSWORD_FILE: await folder.write('secret', secret) },
            url: { DBTOOL_DATABASE_URL: `postgres://bob:${encoded}@db/x` },
            'raw url': { DBTOOL_DATABASE_URL: `postgres://bob:${secret}@db/x` },
            source: { DBTOOL_IMPORT_FROM: `mongodb+srv://bob:${secret}@db/x` },
            parameter: { DBTOOL_IMPORT_FROM: `mongodb://db/x?tls=true&password=${encoded}` },
            // The same password in a place where no pattern looks for it.
            twice: { DBTOOL_DATABASE_PASSWORD: secret, DBTOOL_IMPORT_FROM: `mongodb://db/${secret}` },
          };
          const env = urls[place] ?? {};
          const shown = shownSettings(await loadSettings({ cwd: folder.path, env }));
          expect(JSON.stringify(shown)).not.toContain('S3cr3tW0rd');
        },
      ),
      { numRuns: campaign(1500) },
    );
  });
});
