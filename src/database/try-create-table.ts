import type { QueryRunner } from 'typeorm';

/**
 * Creates a table and drops it, which is the least that migrations need.
 * @throws driver errors as they are
 */
export async function tryCreateTable(runner: QueryRunner): Promise<void> {
  const name = `dbtool_try_${process.pid}_${Date.now().toString(36)}`;
  await runner.query(`CREATE TABLE ${name} (id INTEGER)`);
  await runner.query(`DROP TABLE ${name}`);
}
