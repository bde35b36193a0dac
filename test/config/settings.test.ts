import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SETTINGS, type SettingDefinition } from '../../src/config/settings.js';
import { campaign } from '../support/campaign.js';

const setting = (key: string): SettingDefinition => {
  const found = SETTINGS.find((one) => one.key === key);
  if (!found) throw new Error(`there is no setting ${key}`);
  return found;
};

describe('SETTINGS', () => {
  it('names every setting and every variable once', () => {
    expect(new Set(SETTINGS.map(({ key }) => key)).size).toBe(SETTINGS.length);
    expect(new Set(SETTINGS.map(({ env }) => env)).size).toBe(SETTINGS.length);
  });

  it('derives each variable from its key, so that one can be guessed from the other', () => {
    for (const { key, env } of SETTINGS) {
      const words = key.replaceAll('.', '_').replace(/[A-Z]/g, (letter) => `_${letter}`);
      expect(env).toBe(`DBTOOL_${words.toUpperCase()}`);
    }
  });

  it('has no key that is also a section', () => {
    for (const { key } of SETTINGS)
      expect(SETTINGS.filter((other) => other.key.startsWith(`${key}.`))).toEqual([]);
  });

  it('has defaults that pass their own check', () => {
    const defaults = SETTINGS.filter(({ defaultValue }) => defaultValue !== undefined);
    expect(defaults.length).toBeGreaterThan(0);
    for (const { parse, defaultValue } of defaults) expect(parse(defaultValue)).toBe(defaultValue);
  });

  it('marks every password as a secret', () => {
    const secrets = SETTINGS.filter(({ key }) => /password$/i.test(key));
    expect(secrets.map(({ key }) => key)).toEqual(['database.password', 'import.password']);
    expect(secrets.every(({ secret }) => secret)).toBe(true);
  });
});

describe('parse', () => {
  it.each([
    ['database.url', 'sqlite:x', 'sqlite:x'],
    ['database.poolSize', 1, 1],
    ['database.poolSize', 100, 100],
    ['database.poolSize', ' 7 ', 7],
    ['import.batchSize', 10_000, 10_000],
    ['database.tls.mode', 'verify', 'verify'],
    ['database.connectTimeout', 0, 0],
    ['database.connectTimeout', 250, 250],
    ['database.connectTimeout', '30s', 30_000],
    // What a variable holds is text; a number of milliseconds is one there too.
    ['database.connectTimeout', '5000', 5000],
    ['database.statementTimeout', '0', 0],
    ['database.statementTimeout', 2_147_483_647, 2_147_483_647],
  ])('%s takes %j as %j', (key, raw, value) => {
    expect(setting(key).parse(raw)).toBe(value);
  });

  it.each([
    ['database.url', '', 'non-empty string'],
    ['database.url', '   ', 'non-empty string'],
    ['database.url', 5, 'non-empty string'],
    ['database.password', 12345, 'non-empty string'],
    ['database.password', ['a'], 'non-empty string'],
    ['database.poolSize', 0, 'whole number from 1 to 100'],
    ['database.poolSize', 101, 'whole number from 1 to 100'],
    ['database.poolSize', 1.5, 'whole number from 1 to 100'],
    ['database.poolSize', Number.NaN, 'whole number from 1 to 100'],
    ['database.poolSize', '0x10', 'whole number from 1 to 100'],
    ['database.poolSize', '-3', 'whole number from 1 to 100'],
    ['database.poolSize', true, 'whole number from 1 to 100'],
    ['database.poolSize', {}, 'whole number from 1 to 100'],
    ['import.batchSize', 10_001, 'whole number from 1 to 10000'],
    ['database.tls.mode', 'Verify', 'one of disable, require, verify'],
    ['database.tls.mode', true, 'one of disable, require, verify'],
    ['database.connectTimeout', -1, 'duration'],
    ['database.connectTimeout', 1.5, 'duration'],
    ['database.connectTimeout', 'soon', 'duration'],
    ['database.connectTimeout', '', 'duration'],
    ['database.connectTimeout', null, 'duration'],
    ['database.connectTimeout', Number.POSITIVE_INFINITY, 'duration'],
    // A timer of more than 32 bits fires at once.
    ['database.connectTimeout', 2_147_483_648, 'at most 24 days'],
    ['database.connectTimeout', '999999999w', 'at most 24 days'],
    ['database.connectTimeout', '99999999999999999999', 'at most 24 days'],
  ])('%s refuses %j: %s', (key, raw, words) => {
    expect(() => setting(key).parse(raw)).toThrow(words);
  });

  it('never takes what is of another type, and never repeats a value in its message', () => {
    const marker = 'hunter2-hunter2';
    fc.assert(
      fc.property(
        fc.constantFrom(...SETTINGS),
        fc.oneof(
          fc.constant({ a: marker }),
          fc.constant([marker]),
          fc.constant(true),
          fc.double(),
          fc.constant(`${marker}\u0000`),
        ),
        ({ parse, secret, paths }, raw) => {
          let value: string | number;
          try {
            value = parse(raw);
          } catch (error) {
            expect((error as Error).message).not.toContain(marker);
            return;
          }
          if (typeof raw === 'string') expect(value).toBe(raw);
          else if (paths) expect(raw).toEqual([value]);
          else expect(Number.isInteger(raw) && !secret).toBe(true);
        },
      ),
      { numRuns: campaign(2000) },
    );
  });
});
