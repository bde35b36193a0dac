import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Migrator } from '../../src/migrate/migrator.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { open } from '../support/open-database.js';
import { useTempFolder } from '../support/temp-folder.js';

forEachDatabase(
  'an index that is made without a transaction',
  (kind) => {
    let database: TestDatabase;
    const folder = useTempFolder();

    beforeEach(async () => {
      database = await createTestDatabase(kind);
      await folder.write(
        '1_table.sql',
        '-- migrate:up\nCREATE TABLE t (id integer);\n-- migrate:down\nDROP TABLE t;\n',
      );
      await folder.write(
        '2_index.sql',
        '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY ix_t ON t (id);\n-- migrate:down\nDROP INDEX ix_t;\n',
      );
    });

    afterEach(async () => {
      await database.drop();
    });

    it('is made anew after an attempt that waited in vain for an old transaction', async () => {
      await open(database, async (opened) => {
        const notices: string[] = [];
        const migrator = new Migrator(opened, {
          folders: [folder.path],
          toolVersion: '1',
          lockTimeout: 300,
          lockAttempts: 20,
          onNotice: (text) => notices.push(text),
        });
        await migrator.up({ step: 1 });
        const reader = opened.dataSource.createQueryRunner();
        await reader.startTransaction('REPEATABLE READ');
        await reader.query('INSERT INTO t VALUES (1)');
        const release = setTimeout(() => void reader.commitTransaction(), 1500);
        try {
          await migrator.up();
        } finally {
          clearTimeout(release);
          if (reader.isTransactionActive) await reader.rollbackTransaction();
          await reader.release();
        }
        expect(notices.join('\n')).toMatch(/waits for .*attempt 1 of 20/);
        expect(
          await opened.dataSource.query(
            `SELECT i.indisvalid AS valid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = 'ix_t'`,
          ),
        ).toEqual([{ valid: true }]);
        expect((await migrator.status('all')).map(({ status }) => status)).toEqual(['applied', 'applied']);
      });
    });
  },
  { only: ['postgres'] },
);
