import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import path from 'node:path';
import { loadSettings, type SettingsInput } from '../../src/config/load-settings.js';
import { forgetSecrets, redact } from '../../src/config/redact.js';
import { SETTINGS, type Settings } from '../../src/config/settings.js';
import { campaign } from '../support/campaign.js';
import { caught } from '../support/caught.js';
import { useTempFolder } from '../support/temp-folder.js';

const folder = useTempFolder();
afterEach(forgetSecrets);

const at = (...parts: string[]): string => path.join(folder.path, ...parts);
const load = (input: Partial<SettingsInput> = {}): Promise<Settings> =>
  loadSettings({ cwd: at('work'), ...input, env: { HOME: at('home'), ...input.env } });
const USER = 'home/.config/dbtool/config.yaml';
const PROJECT = 'work/dbtool.config.yaml';

function shown(settings: Settings, key: string): unknown[] {
  const found = settings.resolved.find(({ definition }) => definition.key === key);
  return [found?.value, found?.origin];
}

describe('without any source', () => {
  it('everything has its default', async () => {
    const settings = await load();
    expect(settings).toMatchObject({ environment: undefined, files: [] });
    expect(settings.database).toEqual({
      url: 'sqlite:dbtool.sqlite',
      poolSize: 4,
      connectTimeout: 10_000,
      statementTimeout: 0,
      tls: { mode: 'disable' },
    });
    expect(settings.import).toEqual({ batchSize: 500, connectTimeout: 10_000 });
    expect(settings.resolved.map(({ definition }) => definition.key)).toEqual(SETTINGS.map(({ key }) => key));
    for (const { definition, origin, precedence } of settings.resolved) {
      expect(origin).toBe(definition.defaultValue === undefined ? 'not set' : 'default');
      expect(precedence).toBe(0);
    }
  });
});

describe('precedence', () => {
  /** The places a setting may come from, weakest first, each with how it is set there and called. */
  const PLACES = ['user', 'project', 'user environment', 'project environment', 'variable', 'flag'] as const;
  type Place = (typeof PLACES)[number];

  async function loadFrom(places: readonly Place[]): Promise<Settings> {
    const sizes = new Map(places.map((place) => [place, (PLACES.indexOf(place) + 1) * 10]));
    const file = (base: Place, environment: Place): string =>
      JSON.stringify({
        import: sizes.has(base) ? { batchSize: sizes.get(base) } : {},
        environments: {
          staging: sizes.has(environment) ? { import: { batchSize: sizes.get(environment) } } : {},
          other: { import: { batchSize: 9999 } },
        },
      });
    await folder.write(USER, file('user', 'user environment'));
    await folder.write(PROJECT, file('project', 'project environment'));
    return load({
      environment: 'staging',
      env: { DBTOOL_IMPORT_BATCH_SIZE: sizes.has('variable') ? String(sizes.get('variable')) : undefined },
      flags: sizes.has('flag') ? { 'import.batchSize': { flag: '--batch', value: '60' } } : {},
    });
  }

  it('goes default, user file, project file, their environments, variable, flag: for every choice of them', async () => {
    const origins: Record<Place, string> = {
      user: at(USER),
      project: at(PROJECT),
      'user environment': `${at(USER)} (environment staging)`,
      'project environment': `${at(PROJECT)} (environment staging)`,
      variable: 'DBTOOL_IMPORT_BATCH_SIZE',
      flag: '--batch',
    };
    for (let choice = 0; choice < 2 ** PLACES.length; choice += 1) {
      const places = PLACES.filter((_, index) => choice & (1 << index));
      const settings = await loadFrom(places);
      const winner = places.at(-1);
      const expected = winner ? [(PLACES.indexOf(winner) + 1) * 10, origins[winner]] : [500, 'default'];
      expect(shown(settings, 'import.batchSize')).toEqual(expected);
      expect(settings.import.batchSize).toBe(expected[0]);
    }
  });

  it('counts an empty variable as none', async () => {
    await folder.write(PROJECT, 'import: {batchSize: 7}');
    const settings = await load({ env: { DBTOOL_IMPORT_BATCH_SIZE: '' } });
    expect(shown(settings, 'import.batchSize')).toEqual([7, at(PROJECT)]);
  });

  it('lists the files that were read, weakest first', async () => {
    await folder.write(USER, '');
    await folder.write(PROJECT, '');
    expect((await load()).files).toEqual([at(USER), at(PROJECT)]);
  });

  it('reads the file named by --config or DBTOOL_CONFIG instead of the project file', async () => {
    await folder.write(PROJECT, 'import: {batchSize: 7}');
    await folder.write('work/conf/other.json', '{"import": {"batchSize": 8}}');
    const expected = [8, at('work/conf/other.json')];
    expect(shown(await load({ configFile: 'conf/other.json' }), 'import.batchSize')).toEqual(expected);
    const byVariable = await load({ env: { DBTOOL_CONFIG: 'conf/other.json' } });
    expect(shown(byVariable, 'import.batchSize')).toEqual(expected);
  });
});

describe('environment', () => {
  const TWO = 'environments: {a: {import: {batchSize: 1}}, b: {import: {batchSize: 2}}}';

  it.each([
    ['none', {}, '', 500],
    ['the file', {}, 'environment: a', 1],
    ['DBTOOL_ENV', { env: { DBTOOL_ENV: 'b' } }, 'environment: a', 2],
    ['an empty DBTOOL_ENV', { env: { DBTOOL_ENV: '' } }, 'environment: a', 1],
    ['--env', { environment: 'b', env: { DBTOOL_ENV: 'a' } }, 'environment: a', 2],
  ])('is chosen by %s', async (_, input, line, batchSize) => {
    await folder.write(PROJECT, `${line}\n${TWO}`);
    const settings = await load(input);
    expect(settings.import.batchSize).toBe(batchSize);
    expect(settings.environment).toBe({ 500: undefined, 1: 'a', 2: 'b' }[batchSize]);
  });

  it('may stand in the user file, and be chosen by the project file', async () => {
    await folder.write(USER, TWO);
    await folder.write(PROJECT, 'environment: a');
    const settings = await load();
    expect(shown(settings, 'import.batchSize')).toEqual([1, `${at(USER)} (environment a)`]);
  });

  it('the project file chooses before the user file', async () => {
    await folder.write(USER, 'environment: b');
    await folder.write(PROJECT, `environment: a\n${TWO}`);
    expect((await load()).environment).toBe('a');
  });

  it.each([
    [TWO, 'know: a, b'],
    ['', 'name no environments'],
  ])('that nobody knows is refused (%j)', async (content, why) => {
    await folder.write(PROJECT, content);
    for (const input of [{ environment: 'c' }, { env: { DBTOOL_ENV: 'c' } }, { environment: '__proto__' }]) {
      const error = await caught(() => load(input));
      expect(error.code).toBe('config.environment.unknown');
      expect(error.why).toContain(at(PROJECT));
      expect(error.why).toContain(why);
    }
  });

  it('that no file could know is refused', async () => {
    const error = await caught(() => load({ environment: 'c' }));
    expect(error).toMatchObject({ code: 'config.environment.unknown', why: 'No config file was found.' });
  });
});

describe('faults', () => {
  it('are reported all together, each with its place and key', async () => {
    await folder.write(USER, 'database: {poolSize: many}\nnonsense: 1');
    await folder.write(
      PROJECT,
      [
        'database: {url: 5, tls: {mode: yes, cipher: x}}',
        'environments:',
        '  staging: {import: {batchSize: 0, speed: 1}}',
        '  broken: 7',
      ].join('\n'),
    );
    const error = await caught(() =>
      load({
        environment: 'staging',
        env: { DBTOOL_IMPORT_CONNECT_TIMEOUT: 'soon', DBTOOL_DATABASE_POOL_SIZE: '101' },
        flags: { 'database.url': { flag: '--database', value: ' ' } },
      }),
    );
    expect(error.code).toBe('config.invalid');
    expect(error.message).toBe('The configuration has 11 faults');
    const faults = [
      `${at(USER)}: nonsense is no setting`,
      `${at(PROJECT)}: database.tls.cipher is no setting`,
      `${at(PROJECT)}: environments.staging.import.speed is no setting`,
      `${at(PROJECT)}: environments.broken must be an object of settings`,
      `${at(PROJECT)}: database.url must be a non-empty string`,
      `--database: database.url must be a non-empty string`,
      `${at(USER)}: database.poolSize must be a whole number from 1 to 100`,
      `DBTOOL_DATABASE_POOL_SIZE: database.poolSize must be a whole number from 1 to 100`,
      `${at(PROJECT)}: database.tls.mode must be one of disable, require, verify`,
      `${at(PROJECT)} (environment staging): import.batchSize must be a whole number from 1 to 10000`,
      `DBTOOL_IMPORT_CONNECT_TIMEOUT: import.connectTimeout must be a duration such as 500ms, 30s, 5m, or milliseconds`,
    ];
    expect(error.details).toEqual({ faults });
    for (const fault of faults) expect(error.why).toContain(fault);
  });

  it('a single one stands on a line of its own', async () => {
    const error = await caught(() => load({ env: { DBTOOL_DATABASE_TLS_MODE: 'on' } }));
    expect(error).toMatchObject({
      message: 'The configuration has a fault',
      why: 'DBTOOL_DATABASE_TLS_MODE: database.tls.mode must be one of disable, require, verify',
    });
  });

  it('of a weaker place are found even where a stronger one is good', async () => {
    await folder.write(PROJECT, 'import: {batchSize: none}');
    const error = await caught(() => load({ env: { DBTOOL_IMPORT_BATCH_SIZE: '5' } }));
    expect(error.details).toEqual({
      faults: [`${at(PROJECT)}: import.batchSize must be a whole number from 1 to 10000`],
    });
  });
});

describe('paths', () => {
  it('are relative to the file that names them', async () => {
    await folder.write(USER, 'database: {tls: {ca: ca.pem}}');
    await folder.write(
      PROJECT,
      'database: {url: "sqlite:data/x.sqlite", tls: {cert: /abs/cert.pem}}\nenvironments: {a: {database: {tls: {key: ../key.pem}}}}',
    );
    const { database } = await load({ environment: 'a' });
    expect(database.url).toBe(`sqlite:${at('work/data/x.sqlite')}`);
    expect(database.tls).toMatchObject({
      ca: at('home/.config/dbtool/ca.pem'),
      cert: '/abs/cert.pem',
      key: at('key.pem'),
    });
  });

  it('of variables and flags are relative to the working directory', async () => {
    const byVariable = await load({
      env: { DBTOOL_DATABASE_TLS_CA: 'ca.pem', DBTOOL_DATABASE_URL: 'sqlite:x.sqlite' },
    });
    expect(byVariable.database).toMatchObject({
      url: `sqlite:${at('work/x.sqlite')}`,
      tls: { ca: at('work/ca.pem') },
    });
    const byFlag = await load({ flags: { 'database.url': { flag: '--database', value: 'sqlite:../x' } } });
    expect(byFlag.database.url).toBe(`sqlite:${at('x')}`);
  });

  it.each([
    'sqlite::memory:',
    'sqlite:///abs/x.sqlite',
    'sqlite:/abs/x.sqlite',
    'sqlite:',
    'postgres://db/x',
  ])('leaves %s as it is', async (url) => {
    expect((await load({ env: { DBTOOL_DATABASE_URL: url } })).database.url).toBe(url);
  });
});

describe('passwords', () => {
  it('come from a variable, and are kept out of everything that is printed from then on', async () => {
    const settings = await load({
      env: { DBTOOL_DATABASE_PASSWORD: 'hunter2!', DBTOOL_IMPORT_PASSWORD: 'tiger4?' },
    });
    expect(settings.database.password).toBe('hunter2!');
    expect(settings.import.password).toBe('tiger4?');
    expect(redact('a hunter2! and a tiger4?')).toBe('a *** and a ***');
  });

  it.each([
    ['hunter2!', 'hunter2!'],
    ['hunter2!\n', 'hunter2!'],
    ['hunter2!\r\nnot this', 'hunter2!'],
    ['\ufeffhunter2!\n', 'hunter2!'],
    [' hunter2! \n', ' hunter2! '],
  ])('come from the first line of a file: %j', async (content, password) => {
    await folder.write('work/secret', content);
    await folder.write(PROJECT, 'database: {passwordFile: secret}\nimport: {passwordFile: ./secret}');
    const settings = await load();
    expect(settings.database.password).toBe(password);
    expect(settings.import.password).toBe(password);
    expect(redact(`x${password}x`)).toBe('x***x');
  });

  it.each(['', '\n', '\r\nhunter2!'])('are not in a file whose first line is empty: %j', async (content) => {
    await folder.write('work/secret', content);
    const error = await caught(() => load({ env: { DBTOOL_DATABASE_PASSWORD_FILE: 'secret' } }));
    expect(error).toMatchObject({ code: 'config.unreadable', why: 'Its first line is empty.' });
    expect(error.message).toContain(at('work/secret'));
  });

  it('are missed when their file is not there', async () => {
    const error = await caught(() => load({ env: { DBTOOL_IMPORT_PASSWORD_FILE: 'secret' } }));
    expect(error.code).toBe('config.unreadable');
    expect(error.message).toContain(at('work/secret'));
    expect(error.fix).toContain('chmod 600');
  });

  it('come from the stronger place, whether that names them or their file', async () => {
    await folder.write('work/secret', 'from-file');
    await folder.write(PROJECT, 'database: {password: from-config}\nimport: {passwordFile: secret}');
    const settings = await load({
      env: { DBTOOL_DATABASE_PASSWORD_FILE: 'secret', DBTOOL_IMPORT_PASSWORD: 'from-variable' },
    });
    expect(settings.database.password).toBe('from-file');
    expect(settings.import.password).toBe('from-variable');
    await folder.write(PROJECT, 'database: {password: from-config, passwordFile: secret}');
    expect((await load()).database.password).toBe('from-config');
  });
});

describe('a password in a flag', () => {
  it.each([
    [
      'database.url',
      '--database',
      'postgres://bob:hunter2@db/x',
      'DBTOOL_DATABASE_PASSWORD',
      'DBTOOL_DATABASE_URL',
    ],
    [
      'database.url',
      '--database',
      'postgres://bob:h@nt/er2@db/x',
      'DBTOOL_DATABASE_PASSWORD',
      'DBTOOL_DATABASE_URL',
    ],
    [
      'database.url',
      '--database',
      'oracle://scott/hunter2@db',
      'DBTOOL_DATABASE_PASSWORD',
      'DBTOOL_DATABASE_URL',
    ],
    ['import.from', '--from', 'mongodb://bob:hunter2@db/x', 'DBTOOL_IMPORT_PASSWORD', 'DBTOOL_IMPORT_FROM'],
    [
      'import.from',
      '--from',
      'mongodb://db/x?password=hunter2',
      'DBTOOL_IMPORT_PASSWORD',
      'DBTOOL_IMPORT_FROM',
    ],
  ])('%s: %s %s is refused', async (key, flag, value, variable, urlVariable) => {
    // Before anything else: also where the configuration has faults of its own.
    await folder.write(PROJECT, 'nonsense: 1');
    const error = await caught(() => load({ flags: { [key]: { flag, value } } }));
    expect(error.code).toBe('config.password.in-flag');
    expect(error.message).toBe(`${flag} was given a URL with a password`);
    expect(error.fix).toContain(variable);
    expect(error.fix).toContain(urlVariable);
    expect(`${error.message} ${String(error.why)} ${String(error.fix)}`).not.toMatch(/hunter2|nt\/er2/);
  });

  it('is no matter where the URL has none', async () => {
    const settings = await load({
      flags: { 'database.url': { flag: '--database', value: 'postgres://bob@db/x' } },
    });
    expect(shown(settings, 'database.url')).toEqual(['postgres://bob@db/x', '--database']);
  });
});

const SAMPLES: Record<string, string> = { 'migrate.outOfOrder': 'apply', 'migrate.dangers': 'warn' };

describe('every setting', () => {
  it('is read from each place it may stand in', async () => {
    const samples = (key: string): string =>
      SAMPLES[key] ??
      (key.endsWith('mode') ? 'verify' : /Size|Timeout|Wait|Attempts/.test(key) ? '42' : `/some/${key}`);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...SETTINGS.filter(({ key }) => !key.endsWith('passwordFile'))),
        fc.constantFrom('file', 'environment', 'variable', 'flag'),
        async (definition, place) => {
          const { key, env } = definition;
          const nested = key
            .split('.')
            .reduceRight<unknown>((inner, name) => ({ [name]: inner }), samples(key)) as object;
          const content =
            place === 'file' ? nested : place === 'environment' ? { environments: { e: nested } } : {};
          const file = await folder.write('work/c.json', JSON.stringify(content));
          const settings = await load({
            configFile: file,
            environment: place === 'environment' ? 'e' : undefined,
            env: place === 'variable' ? { [env]: samples(key) } : {},
            flags: place === 'flag' ? { [key]: { flag: '--it', value: samples(key) } } : {},
          });
          const origin = { file, environment: `${file} (environment e)`, variable: env, flag: '--it' }[place];
          expect(shown(settings, key)).toEqual([definition.parse(samples(key)), origin]);
        },
      ),
      { numRuns: campaign(500) },
    );
  });
});
