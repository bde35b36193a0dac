import { describe, expect, it } from '@jest/globals';
import { loadMigration } from '../../src/migrate/load.js';
import { useTempFolder } from '../support/temp-folder.js';

describe('a migration in SQL', () => {
  const folder = useTempFolder();

  it.each([
    ['has no section', 'CREATE TABLE t (id integer);\n', false],
    ['has an empty section', 'CREATE TABLE t (id integer);\n-- migrate:down\n-- not yet\n', false],
    ['has statements', 'CREATE TABLE t (id integer);\n-- migrate:down\nDROP TABLE t;\n', true],
    ['does nothing up or down', '-- migrate:down\n', true],
  ])('that %s for it can be taken back: %s %s', async (_, up, canGoBack) => {
    const file = await folder.write('1_x.sql', `-- migrate:up\n${up}`);
    expect((await loadMigration(file, 'sqlite')).down !== undefined).toBe(canGoBack);
  });
});
