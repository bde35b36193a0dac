/*
 * How much Postgres writes to its write-ahead log for one database.
 */
import pg from 'pg';

/**
 * @returns what `work` gives, and beside it `bytes`: of the records that are about the database. The log belongs to
 *   the whole server, where others write too; without pg_walinspect, which is there from Postgres 15, theirs count.
 */
export async function logged(url, work) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const isReadable = await prepareReading(client);
    const from = await place(client);
    const result = await work();
    const to = await place(client);
    const [{ bytes }] = await rows(client, isReadable ? ownBytes(from, to) : allBytes(from, to));
    return { ...result, bytes };
  } finally {
    await client.end();
  }
}

/** @returns whether the log can be read: it is kept then until the connection ends */
async function prepareReading(client) {
  const [{ possible }] = await rows(
    client,
    `SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_walinspect')
            AND current_setting('wal_level') <> 'minimal'
            AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS possible`,
  );
  if (!possible) return false;
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_walinspect');
  await client.query(`SELECT pg_create_physical_replication_slot('dbtool_bench_${process.pid}', true, true)`);
  return true;
}

async function place(client) {
  const [{ lsn }] = await rows(client, 'SELECT pg_current_wal_flush_lsn()::text AS lsn');
  return lsn;
}

async function rows(client, sql) {
  return (await client.query(sql)).rows;
}

function allBytes(from, to) {
  return `SELECT pg_wal_lsn_diff('${to}', '${from}')::float AS bytes`;
}

/** What a record is about stands in it as tablespace/database/table. */
function ownBytes(from, to) {
  return `SELECT coalesce(sum(record_length), 0)::float AS bytes
            FROM pg_get_wal_records_info('${from}', '${to}')
           WHERE block_ref LIKE (SELECT '%/' || oid || '/%' FROM pg_database WHERE datname = current_database())`;
}
