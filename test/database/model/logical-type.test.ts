import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalDecimal } from '../../../src/database/model/logical-type.js';
import { campaign } from '../../support/campaign.js';

describe('canonicalDecimal', () => {
  it.each([
    ['0.0059100000', '0.00591'],
    ['0', '0'],
    ['0.0', '0'],
    ['0.0000000000', '0'],
    ['-0', '0'],
    ['-0.00', '0'],
    ['.5', '0.5'],
    ['-.5', '-0.5'],
    ['.0', '0'],
    ['-.0', '0'],
    ['100', '100'],
    ['-100', '-100'],
    ['100.', '100'],
    ['100.10', '100.1'],
    ['9999999999.9999999999', '9999999999.9999999999'],
  ])('%s is %s', (decimal, canonical) => {
    expect(canonicalDecimal(decimal)).toBe(canonical);
  });

  it('has one form for each value, which stands for the same value', () => {
    const scaled = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
    fc.assert(
      fc.property(scaled, fc.integer({ min: 0, max: 10 }), (value, more) => {
        const digits = (value < 0n ? -value : value).toString().padStart(11, '0');
        const sign = value < 0n ? '-' : '';
        const printed = `${sign}${digits.slice(0, -10)}.${digits.slice(-10)}`;
        const canonical = canonicalDecimal(printed);
        expect(canonicalDecimal(`${printed}${'0'.repeat(more)}`)).toBe(canonical);
        expect(canonicalDecimal(canonical)).toBe(canonical);
        expect(canonical).toMatch(/^(0|-?[1-9]\d*|-?(0|[1-9]\d*)\.\d*[1-9])$/);
        const [whole = '', fraction = ''] = canonical.replace('-', '').split('.');
        expect(BigInt(whole + fraction.padEnd(10, '0')) * (canonical.startsWith('-') ? -1n : 1n)).toBe(value);
      }),
      { numRuns: campaign(3000) },
    );
  });
});
