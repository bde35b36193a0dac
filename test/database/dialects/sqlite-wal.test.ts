import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Driver, { type Database } from 'better-sqlite3';
import { switchToWal } from '../../../src/database/dialects/sqlite.js';
import { useTempFolder } from '../../support/temp-folder.js';

describe('the switch to a write-ahead log', () => {
  const folder = useTempFolder();
  let reader: Database;
  let database: Database;

  beforeEach(() => {
    const file = path.join(folder.path, 'x.sqlite');
    reader = new Driver(file);
    reader.exec('CREATE TABLE t (id INTEGER); BEGIN');
    reader.prepare('SELECT * FROM t').all();
    // SQLite does not wait by itself here, as it does not when two make the switch at once.
    database = new Driver(file, { timeout: 0 });
  });

  afterEach(() => {
    reader.close();
    database.close();
  });

  it('waits for whoever is at the file', async () => {
    setTimeout(() => reader.exec('COMMIT'), 200);
    await switchToWal(database, 5000);
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
  });

  it('does not wait for ever', async () => {
    await expect(switchToWal(database, 100)).rejects.toMatchObject({ code: 'SQLITE_BUSY' });
  });
});
