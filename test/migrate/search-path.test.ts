import { expect, it } from '@jest/globals';
import { Migrator } from '../../src/migrate/migrator.js';
import { createTestDatabase, forEachDatabase } from '../support/databases.js';
import { open } from '../support/open-database.js';
import { useTempFolder } from '../support/temp-folder.js';

forEachDatabase(
  'a migration that empties the search path, as what pg_dump writes does',
  (kind) => {
    const folder = useTempFolder();

    it('is applied, and so is the next', async () => {
      const database = await createTestDatabase(kind);
      try {
        await folder.write(
          '1_dumped.sql',
          "-- migrate:up\nSELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.dumped (id integer);\n",
        );
        await folder.write('2_next.sql', '-- migrate:up\nALTER TABLE dumped ADD COLUMN word text;\n');
        await open(database, async (opened) => {
          const migrator = new Migrator(opened, { folders: [folder.path], toolVersion: '1' });
          expect((await migrator.up()).map(({ name }) => name)).toEqual(['1_dumped', '2_next']);
          expect((await migrator.status('all')).map(({ status }) => status)).toEqual(['applied', 'applied']);
        });
      } finally {
        await database.drop();
      }
    });
  },
  { only: ['postgres'] },
);
