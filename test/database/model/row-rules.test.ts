import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { json, type LogicalType, string, text } from '../../../src/database/model/logical-type.js';
import { isKeepableText, refuseUnkeepable } from '../../../src/database/model/row-rules.js';
import type { TableModel } from '../../../src/database/model/table-model.js';
import { campaign } from '../../support/campaign.js';

/** By its characters, one by one: what is asked of the engine in the code itself. */
const isKeepable = (value: string): boolean =>
  Array.from(value).every((character) => character !== '\0' && !/^[\ud800-\udfff]$/.test(character));

const units = fc
  .array(
    fc.constantFrom('a', 'é', '–', '😀', '\0', '\ud83d', '\ude00', '\\', '\\u0000', '\\ud83d', '\\u00e4'),
  )
  .map((parts) => parts.join(''));

function faultOf(type: LogicalType, value: unknown): string | undefined {
  const column = { property: 'a', name: 'a', type, nullable: true, primary: false };
  const table: TableModel = { name: 't', columns: [column], uniques: [], indexes: [] };
  try {
    refuseUnkeepable(table, column, value, 1);
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('isKeepableText', () => {
  it.each([
    ['', true],
    ['text – 😀', true],
    ['a\0', false],
    ['\ud83d', false],
    ['\ude00\ud83d', false],
    ['\ud83d\ude00', true],
  ])('of %j is %s', (value, expected) => {
    expect(isKeepableText(value)).toBe(expected);
  });

  it('is whether every character is one, and none is NUL', () => {
    fc.assert(
      fc.property(fc.oneof(units, fc.string({ unit: 'binary' })), (value) => {
        expect(isKeepableText(value)).toBe(isKeepable(value));
        for (const type of [text(), string(255)])
          expect(faultOf(type, value)).toBe(isKeepable(value) ? undefined : 'database.row.invalid');
      }),
      { numRuns: campaign(3000) },
    );
  });

  it('holds for the texts in JSON, however they are escaped', () => {
    fc.assert(
      fc.property(units, (value) => {
        expect(faultOf(json(), JSON.stringify([value]))).toBe(
          isKeepable(value) ? undefined : 'database.row.invalid',
        );
      }),
      { numRuns: campaign(3000) },
    );
  });
});
