import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { withSystemName } from '../../../src/import/mappings/configured.js';
import { campaign } from '../../support/campaign.js';

const upgrade = withSystemName('name', 'display_name');

describe('withSystemName', () => {
  it.each([
    ['Open AI', 'OPEN_AI'],
    ['gpt-4o (mini), 2024', 'GPT_4O_MINI_2024'],
    ['--x--', 'X'],
    ['über straße', 'ÜBER_STRASSE'],
    ['模型 1', '模型_1'],
    ['a__b', 'A_B'],
  ])('makes %j into %j', (name, systemName) => {
    expect(upgrade({ _id: 1, name })).toEqual({ _id: 1, name, system_name: systemName });
  });

  it('takes the first name that is there', () => {
    expect(upgrade({ name: null, display_name: 'b' })['system_name']).toBe('B');
    expect(upgrade({ name: '', display_name: 'b' })['system_name']).toBe('B');
    expect(upgrade({ name: 5, display_name: 'b' })['system_name']).toBe('B');
    expect(upgrade({ name: 'a', display_name: 'b' })['system_name']).toBe('A');
  });

  it('keeps a system name that is there, whatever it is', () => {
    for (const system_name of ['x', 'lower case', 5]) {
      const document = { system_name, name: 'a' };
      expect(upgrade(document)).toBe(document);
    }
    expect(upgrade({ system_name: null, name: 'a' })['system_name']).toBe('A');
  });

  it.each([[{}], [{ name: '' }], [{ name: '---' }], [{ name: null, display_name: 7 }]])(
    'leaves %j alone, which has nothing to make a name of',
    (document) => {
      expect(upgrade(document)).toBe(document);
    },
  );

  it('makes names that stay as they are when a name is made of them again, and changes no document', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
        const document = Object.freeze({ name });
        const systemName = upgrade(document)['system_name'] as string | undefined;
        if (systemName === undefined) return;
        expect(systemName).toMatch(/^[^_\s]/u);
        expect(upgrade({ name: systemName })['system_name']).toBe(systemName);
      }),
      { numRuns: campaign(1000) },
    );
  });
});
