import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decimalText } from '../../src/import/decimal.js';
import { campaign } from '../support/campaign.js';

/** A decimal as an exact fraction: `digits` / 10^`scale`. */
interface Exact {
  digits: bigint;
  scale: number;
}

function exact(plain: string): Exact {
  const [whole = '', fraction = ''] = plain.replace('-', '').split('.');
  return { digits: BigInt(whole + fraction) * (plain.startsWith('-') ? -1n : 1n), scale: fraction.length };
}

/** The digits of a value at a scale, rounded half away from zero, by integer arithmetic alone. */
function roundedDigits({ digits, scale }: Exact, places: number): bigint {
  if (scale <= places) return digits * 10n ** BigInt(places - scale);
  const unit = 10n ** BigInt(scale - places);
  const magnitude = digits < 0n ? -digits : digits;
  const rounded = (magnitude * 2n + unit) / (unit * 2n);
  return digits < 0n ? -rounded : rounded;
}

describe('decimalText', () => {
  it.each([
    ['0', '0'],
    ['-0', '-0'],
    ['+5', '5'],
    ['007', '7'],
    [' 1.50 ', '1.50'],
    ['.5', '0.5'],
    ['-.5', '-0.5'],
    ['5.', '5'],
    ['1e3', '1000'],
    ['1E+3', '1000'],
    ['1.5e1', '15'],
    ['1.25e1', '12.5'],
    ['1e-7', '0.0000001'],
    ['12.5e-3', '0.0125'],
    ['.5e-2', '0.005'],
    ['0e0', '0'],
  ])('%j is %s', (text, plain) => {
    expect(decimalText(text)).toBe(plain);
  });

  it.each([
    '',
    ' ',
    '.',
    '-',
    '+',
    'e5',
    '.e5',
    '1e',
    '1e+',
    '1,5',
    '1.2.3',
    '--1',
    '0x10',
    '1_000',
    'NaN',
    'Infinity',
    '1e99999',
    '٣',
    '1 000',
    '1n',
  ])('%j is no number', (text) => {
    expect(decimalText(text)).toBeUndefined();
  });

  it('reads the smallest and the largest of BSON’s decimals', () => {
    expect(decimalText('1E-6176')).toHaveLength(6178);
    expect(decimalText('1E-6176', 10)).toBe('0.0000000000');
    expect(decimalText('9E+6144')).toBe(`9${'0'.repeat(6144)}`);
  });

  it.each([
    ['0.5', 0, '1'],
    ['-0.5', 0, '-1'],
    ['0.49', 0, '0'],
    ['2.5', 0, '3'],
    ['9.99', 1, '10.0'],
    ['-9.99', 1, '-10.0'],
    ['1.005', 2, '1.01'],
    ['0.00000000005', 10, '0.0000000001'],
    ['0.00000000004999', 10, '0.0000000000'],
    ['1.5', 2, '1.5'],
    ['99e-1', 0, '10'],
  ])('%s to %d places is %s', (text, places, rounded) => {
    expect(decimalText(text, places)).toBe(rounded);
  });

  const digits = fc.stringMatching(/^\d{0,25}$/);
  const number = fc
    .tuple(
      fc.constantFrom('', '-', '+'),
      digits,
      fc.option(digits),
      fc.option(fc.integer({ min: -40, max: 40 })),
    )
    .filter(([, whole, fraction]) => whole !== '' || (fraction ?? '') !== '');

  it('is the value that its text means, whatever the exponent', () => {
    fc.assert(
      fc.property(number, ([sign, whole, fraction, exponent]) => {
        const text = `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`;
        const plain = decimalText(text)!;
        expect(plain).toMatch(/^-?(0|[1-9]\d*)(\.\d+)?$/);
        const value = exact(plain);
        const meant = BigInt(whole + (fraction ?? '')) * (sign === '-' ? -1n : 1n);
        const shift = (exponent ?? 0) - (fraction ?? '').length;
        // value.digits / 10^value.scale = meant * 10^shift
        const common = BigInt(Math.max(0, -shift - value.scale) + 80);
        expect(value.digits * 10n ** (common - BigInt(value.scale) + 40n)).toBe(
          meant * 10n ** (common + BigInt(shift) + 40n),
        );
      }),
      { numRuns: campaign(5000) },
    );
  });

  it('rounds half away from zero, as integers do it', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.integer({ min: 0, max: 25 }),
        fc.integer({ min: 0, max: 12 }),
        (value, scale, places) => {
          const rounded = exact(decimalText(`${value}e-${scale}`, places)!);
          expect(rounded.scale).toBeLessThanOrEqual(places);
          expect(rounded.digits * 10n ** BigInt(places - rounded.scale)).toBe(
            roundedDigits({ digits: value, scale }, places),
          );
        },
      ),
      { numRuns: campaign(5000) },
    );
  });

  it('reads every finite double as JavaScript prints it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(decimalText(String(value)))).toBe(Object.is(value, -0) ? 0 : value);
      }),
      { numRuns: campaign(3000) },
    );
  });
});
