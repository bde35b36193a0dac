import { dumpDatabase, type DatabaseDump } from '../../support/dump-database.js';
import type { TestDatabase } from '../../support/databases.js';
import { open } from '../../support/open-database.js';

/** A row of the history, read past the code that wrote it. */
export interface HistoryRow {
  run: number;
  name: string;
  action: string;
  direction: string;
  status: string;
  checksum: string | null;
  statements: number | null;
}

export interface Observation {
  dump: DatabaseDump;
  history: HistoryRow[];
}

/** What is in the database, and what its history says. */
export function observe(database: TestDatabase): Promise<Observation> {
  return open(database, async (opened) => {
    const rows = await opened.dataSource.query<Record<string, unknown>[]>(
      `SELECT run, name, action, direction, status, checksum, statements
       FROM dbtool_migration_history ORDER BY run`,
    );
    // Oracle's catalogue has names in capitals.
    const history = rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([key, value]) => [key.toLowerCase(), value])),
    ) as unknown as HistoryRow[];
    return { dump: await dumpDatabase(opened), history };
  });
}
