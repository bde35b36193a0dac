import { expect, it } from '@jest/globals';
import { tableOf } from '../../../src/database/model/table-model.js';
import { BulkRepository } from '../../../src/repositories/bulk-repository.js';
import { forEachDatabase } from '../../support/databases.js';
import { useTables } from '../../conformance/support/bench.js';
import { Sample } from '../../conformance/support/sample.js';
import { rowOf, writeRows } from '../../conformance/support/tables.js';

forEachDatabase(
  'COPY',
  (kind) => {
    const bench = useTables(kind, [Sample]);

    it('is done without where the table takes none, and the rows are written all the same', async () => {
      await bench.open(async (opened) => {
        await opened.dataSource.query(
          'ALTER TABLE samples RENAME TO kept; CREATE VIEW samples AS SELECT * FROM kept',
        );
        const rows = [rowOf(Sample, { id: 'a' }), rowOf(Sample, { id: 'b' })];
        await new BulkRepository(opened).transaction(async (runner) => {
          expect(await opened.dialect.writeRows?.(runner, tableOf(Sample), rows, true)).toEqual([]);
        });
        await writeRows(opened, Sample, [{ id: 'b', title: 'later' }, { id: 'c' }]);
        const found = await opened.dataSource.getRepository(Sample).find({ order: { id: 'ASC' } });
        expect(found.map(({ id, title }) => [id, title])).toEqual([
          ['a', null],
          ['b', 'later'],
          ['c', null],
        ]);
      });
    });
  },
  { only: ['postgres'] },
);
