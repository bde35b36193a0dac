import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { type ConfigFile, readConfigFile } from '../../src/config/config-file.js';
import { campaign } from '../support/campaign.js';
import { caught } from '../support/caught.js';
import { useTempFolder } from '../support/temp-folder.js';

const folder = useTempFolder();

async function read(name: string, content: string): Promise<{ file: ConfigFile; faults: string[] }> {
  const faults: string[] = [];
  const written = await folder.write(name, content);
  const file = await readConfigFile(written, faults);
  expect(file.path).toBe(written);
  // Where the file lies is no matter of these tests.
  return { file, faults: faults.map((fault) => fault.replace(`${folder.path}${path.sep}`, '')) };
}

const YAML = `
environment: staging
database:
  url: postgres://db/x
  tls:
    mode: verify
import:
  batchSize: 100
environments:
  staging:
    database:
      url: postgres://staging/x
  production: {}
`;
const JSON_TEXT = JSON.stringify({
  environment: 'staging',
  database: { url: 'postgres://db/x', tls: { mode: 'verify' } },
  import: { batchSize: 100 },
  environments: { staging: { database: { url: 'postgres://staging/x' } }, production: {} },
});

describe('readConfigFile', () => {
  it.each([
    ['a.yaml', YAML],
    ['a.yml', YAML],
    ['a.json', JSON_TEXT],
    ['a.json', `\ufeff${JSON_TEXT}`],
    ['a.yaml', `\ufeff${YAML}`],
    ['no-ending', YAML],
  ])('flattens %s', async (name, content) => {
    const { file, faults } = await read(name, content);
    expect(faults).toEqual([]);
    expect(file.environment).toBe('staging');
    expect(file.values).toEqual(
      new Map<string, unknown>([
        ['database.url', 'postgres://db/x'],
        ['database.tls.mode', 'verify'],
        ['import.batchSize', 100],
      ]),
    );
    expect(file.environments).toEqual(
      new Map([
        ['staging', new Map([['database.url', 'postgres://staging/x']])],
        ['production', new Map()],
      ]),
    );
  });

  it.each(['', '\n', '# nothing yet\n', '---\n', 'null\n', 'database:\n', 'database:\n  url:\n'])(
    'takes %j as a file that sets nothing',
    async (content) => {
      const { file, faults } = await read('a.yaml', content);
      expect(faults).toEqual([]);
      expect(file.values.size).toBe(0);
      expect(file.environments.size).toBe(0);
    },
  );

  it.each([
    ['[]', ['a.json: must hold an object of settings']],
    ['"text"', ['a.json: must hold an object of settings']],
    ['5', ['a.json: must hold an object of settings']],
    ['{"databse": {}}', ['a.json: databse is no setting']],
    ['{"database": {"uri": "x"}}', ['a.json: database.uri is no setting']],
    ['{"database": {"tls": {"mood": "x"}}}', ['a.json: database.tls.mood is no setting']],
    ['{"database": "sqlite:x"}', ['a.json: database must be an object of settings']],
    ['{"database": {"tls": true}}', ['a.json: database.tls must be an object of settings']],
    ['{"database": []}', ['a.json: database must be an object of settings']],
    ['{"__proto__": {"x": 1}}', ['a.json: __proto__ is no setting']],
    ['{"environment": 5}', ['a.json: environment must be the name of an environment']],
    ['{"environments": []}', ['a.json: environments must be an object']],
    ['{"environments": {"a": 5}}', ['a.json: environments.a must be an object of settings']],
    ['{"environments": {"a": null}}', ['a.json: environments.a must be an object of settings']],
    ['{"environments": {"a": {"x": 1}}}', ['a.json: environments.a.x is no setting']],
    [
      '{"environments": {"a": {"database": {"pool": 1}}}}',
      ['a.json: environments.a.database.pool is no setting'],
    ],
    [
      '{"x": 1, "database": {"y": 1, "url": "sqlite:x"}, "environments": {"a": {"z": 1}, "b": 1}}',
      [
        'a.json: x is no setting',
        'a.json: database.y is no setting',
        'a.json: environments.a.z is no setting',
        'a.json: environments.b must be an object of settings',
      ],
    ],
  ])('finds the faults of %s', async (content, faults) => {
    expect((await read('a.json', content)).faults).toEqual(faults);
  });

  it('keeps what is good of a file with faults', async () => {
    const { file } = await read('a.json', '{"x": 1, "database": {"url": "sqlite:x"}}');
    expect(file.values.get('database.url')).toBe('sqlite:x');
  });

  it('says that a file cannot be read', async () => {
    const missing = path.join(folder.path, 'missing.json');
    const error = await caught(() => readConfigFile(missing, []));
    expect(error.code).toBe('config.unreadable');
    expect(error.message).toContain(missing);
    expect((await caught(() => readConfigFile(folder.path, []))).code).toBe('config.unreadable');
  });

  it('says that a file may not be read', async () => {
    const file = await folder.write('a.json', '{}');
    await chmod(file, 0o000);
    const error = await readConfigFile(file, []).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    // Nothing is closed to root.
    if (process.getuid?.() === 0) expect(error).toBeUndefined();
    else expect(error).toMatchObject({ code: 'config.unreadable' });
  });
});

describe('a file that is no JSON or YAML', () => {
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  afterEach(() => {
    warnings.mockClear();
  });

  it.each([
    ['a.json', '{"database": {"password": "hunter2" "x"', 'JSON', /^The first fault is at position \d+\.$/],
    ['a.json', '{"password": "hunter2', 'JSON', /^The first fault is at position \d+\.$/],
    ['a.json', 'hunter2', 'JSON', /./],
    ['a.json', '', 'JSON', /^It cannot be parsed\.$/],
    [
      'a.yaml',
      'database:\n  password: "hunter2\n  x: [',
      'YAML',
      /^The first fault is at line 3, column \d+\.$/,
    ],
    ['a.yaml', 'database: {password: hunter2', 'YAML', /at line 1, column/],
    ['a.yaml', 'hunter2: 1\nhunter2: 2', 'YAML', /at line 2, column 1/],
    ['a.yaml', 'password: hunter2: hunter2', 'YAML', /at line 1, column/],
    ['a.yaml', 'a: 1\n---\nb: hunter2', 'YAML', /./],
    ['a.yaml', 'password: *hunter2', 'YAML', /./],
    ['a.yaml', '\tpassword: hunter2', 'YAML', /at line 1, column/],
  ])('%s with %j is refused without a word of it', async (name, content, format, why) => {
    const file = await folder.write(name, content);
    const error = await caught(() => readConfigFile(file, []));
    expect(error.code).toBe('config.invalid');
    expect(error.message).toBe(`The config file ${file} is not valid ${format}`);
    expect(error.why).toMatch(why);
    expect(JSON.stringify([error.message, error.why, error.fix, error.details, error.cause])).not.toContain(
      'hunter2',
    );
  });

  it('does not print warnings, which would quote the file', async () => {
    const { file } = await read('a.yaml', 'database:\n  password: !secret hunter2\n');
    expect(file.values.get('database.password')).toBe('hunter2');
    expect(warnings).not.toHaveBeenCalled();
  });

  it('never quotes what it cannot parse, whatever that is', async () => {
    const secret = 'hunter2hunter2';
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('a.json', 'a.yaml'),
        fc.array(
          fc.oneof(
            fc.constantFrom(secret, 'password: ', '- ', '\\u12', '<<: '),
            fc.stringMatching(/^[{}[\]":,*&!|>#%@`?\n\t' -]$/),
          ),
          { maxLength: 30 },
        ),
        async (name, parts) => {
          const file = await folder.write(name, parts.join(''));
          const faults: string[] = [];
          const error = await readConfigFile(file, faults).then(
            () => undefined,
            (failure: unknown) => failure as Error & { why?: string; code?: string },
          );
          if (!error) return; // it was good after all; what keys hold is told as the name of a key
          expect(error.code).toBe('config.invalid');
          expect(`${error.message} ${String(error.why)} ${String(error.cause)}`).not.toContain(secret);
          expect(warnings).not.toHaveBeenCalled();
        },
      ),
      { numRuns: campaign(2000) },
    );
  });
});
