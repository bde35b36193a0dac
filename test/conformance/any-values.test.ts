import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalDecimal } from '../../src/database/model/logical-type.js';
import { tableOf } from '../../src/database/model/table-model.js';
import { streamTable } from '../../src/database/row-stream.js';
import { validatorOf } from '../../src/entities/validation.js';
import { campaign } from '../support/campaign.js';
import { forEachDatabase } from '../support/databases.js';
import { useTables } from './support/bench.js';
import { Sample } from './support/sample.js';
import { saveEntity, writeRows } from './support/tables.js';

/** Text of any characters but NUL and halves of pairs, with those that trip up programs often among them. */
const text = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }) },
        {
          weight: 1,
          arbitrary: fc.constantFrom("'", '"', '\\', '`', '?', ':1', '$1', '%', ' ', '\n', ';--', '{}'),
        },
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

/** TypeORM's save() loses the members of a JSON value that are called like a method of every object. */
function isLostBySave(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([name, member]) => (!Array.isArray(value) && name in {}) || isLostBySave(member),
  );
}

const sample = fc.record({
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

forEachDatabase('any values', (kind) => {
  const bench = useTables(kind, [Sample]);

  it('come back as they were, by both routes in and both ways out', async () => {
    await bench.open(async (opened) => {
      const { dialect, dataSource } = opened;
      const kept = (value: unknown): unknown => {
        if (value === '' && dialect.emptyStringIsNull) return null;
        return value === 0 ? 0 : value;
      };
      const validate = validatorOf(Sample);
      await fc.assert(
        fc.asyncProperty(fc.array(sample, { minLength: 1, maxLength: 20 }), async (values) => {
          await dataSource.getRepository(Sample).createQueryBuilder().delete().execute();
          const valid = values.filter((value) => validate({ id: 'x', ...value }).length === 0);
          const bulk = valid.map((value, index) => ({ ...value, id: `bulk ${index}` }));
          await writeRows(
            opened,
            Sample,
            bulk.map((row) => ({ ...row, data: row.data === null ? null : JSON.stringify(row.data) })),
          );
          const single = valid.find(({ data }) => !isLostBySave(data));
          if (single) await saveEntity(opened, Sample, { ...single, id: 'entity' });

          const expected = new Map(
            [...bulk, ...(single ? [{ ...single, id: 'entity' }] : [])].map((row) => [
              row.id,
              Object.fromEntries(
                Object.entries(row).map(([name, value]) => [name, name === 'data' ? value : kept(value)]),
              ),
            ]),
          );
          const entities = await dataSource.getRepository(Sample).find();
          expect(
            new Map(entities.map((entity) => [entity.id, Object.assign({}, entity) as unknown])),
          ).toEqual(expected);
          const streamed = new Map<unknown, unknown>();
          for await (const row of streamTable(opened, tableOf(Sample))) streamed.set(row['id'], row);
          expect(streamed).toEqual(expected);
        }),
        { numRuns: campaign(300) },
      );
    });
  });
});
