import fc from 'fast-check';
import { canonicalDecimal } from '../../../src/database/model/logical-type.js';

/** What means something to one database or another, in a statement or in a file of rows. */
const AWKWARD = [
  ...["'", '"', '\\', '`', '?', ':1', '$1', '%', ' ', ';--', '{}'],
  ...['\n', '\t', '\r', '\r\n', '\b', '\x1a', '\\N', '\\.', '\\0', 'NULL'],
];

/** Text of any characters but NUL and halves of pairs, with those that trip up programs often among them. */
const text = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }) },
        { weight: 1, arbitrary: fc.constantFrom(...AWKWARD) },
      ),
      { maxLength },
    )
    .map((parts) => parts.join('').replaceAll('\0', ''));

const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 20n) + 1n, max: 10n ** 20n - 1n }), fc.constantFrom(0, 5, 9))
  .map(([digits, zeros]) => {
    const scaled = (digits / 10n ** BigInt(zeros)) * 10n ** BigInt(zeros);
    const whole = (scaled < 0n ? -scaled : scaled).toString().padStart(11, '0');
    return canonicalDecimal(`${scaled < 0n ? '-' : ''}${whole.slice(0, -10)}.${whole.slice(-10)}`);
  });

const jsonValue = fc
  .jsonValue({ maxDepth: 4, stringUnit: 'binary' })
  .map((value) => JSON.parse(JSON.stringify(value).replaceAll(String.raw`\u0000`, '-')) as unknown);

/** Values of a row of `Sample`, without its id; its JSON as a value. */
export const anySample = fc.record({
  title: fc.option(text(25)),
  link: fc.option(text(60)),
  body: fc.option(text(400)),
  whole: fc.option(fc.integer()),
  real: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  price: fc.option(decimal),
  good: fc.option(fc.boolean()),
  momentAt: fc.option(
    fc.date({
      min: new Date('0100-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    }),
  ),
  data: fc.option(jsonValue),
});
