import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tableOf } from '../../src/database/model/table-model.js';
import { streamTable } from '../../src/database/row-stream.js';
import { validatorOf } from '../../src/entities/validation.js';
import { campaign } from '../support/campaign.js';
import { forEachDatabase } from '../support/databases.js';
import { useTables } from './support/bench.js';
import { anySample } from './support/any-sample.js';
import { Sample } from './support/sample.js';
import { saveEntity, writeRows } from './support/tables.js';

/** TypeORM's save() loses the members of a JSON value that are called like a method of every object. */
function isLostBySave(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([name, member]) => (!Array.isArray(value) && name in {}) || isLostBySave(member),
  );
}

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
        fc.asyncProperty(fc.array(anySample, { minLength: 1, maxLength: 20 }), async (values) => {
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
