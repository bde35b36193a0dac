/*
 * What bench/import.mjs measures.
 */
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/lib/process.mjs';
import { createDatabase } from './bench-database.mjs';
import { bulkTool } from './bulk-tools.mjs';
import { logged } from './postgres-log.mjs';
import { dbtool, runProgram } from './program.mjs';

/** TypeORM saves so small a part of the documents, and no fewer than this; smaller tables are to its favour. */
const SAVED_SHARE = 1 / 20;
const LEAST_SAVED = 500;

/**
 * Documents to import.
 *
 * @typedef {object} Source
 * @property {string} file
 * @property {number} documents
 * @property {string} folder where all files go
 */

/**
 * Imports, fills the same tables by other means, and imports again.
 * @param {Source & { isFirst: boolean }} source isFirst: the files for the bulk tool are not there yet
 * @returns {Promise<import('./import-report.mjs').Round>}
 */
export function measureRound(kind, { file, documents, folder, isFirst }) {
  const roles = kind === 'postgres' ? ['import', 'bulk', 'save'] : ['import', 'bulk'];
  return withDatabases(kind, roles, folder, async ([target, peer, saved]) => {
    const importFile = async () => {
      const work = () => dbtool(target.url, ['import', 'mongo', '--from', file], folder);
      const run = await (kind === 'postgres' ? logged(target.url, work) : work());
      await refuseOtherCount(target, documents);
      return { ...run, documents };
    };
    const first = await importFile();
    const bulk = await fillByTool(kind, { target, peer, documents, folder, isFirst });
    const repeated = await importFile();
    return { first, bulk, repeated, save: saved && (await saveWithTypeorm(saved, { documents, folder })) };
  });
}

async function fillByTool(kind, { target, peer, documents, folder, isFirst }) {
  const tool = bulkTool(kind);
  if (isFirst) await tool.unload(target.url, folder);
  const { ms } = await tool.load(peer.url, folder);
  await refuseOtherCount(peer, documents);
  return { ms, documents };
}

async function saveWithTypeorm(database, { documents, folder }) {
  const count = Math.min(documents, Math.max(LEAST_SAVED, Math.ceil(documents * SAVED_SHARE)));
  const program = join(ROOT, 'bench', 'save-with-typeorm.mjs');
  const { output } = await runProgram(process.execPath, [program, database.url, String(count)], {
    cwd: folder,
  });
  await refuseOtherCount(database, count);
  return { ms: Number(/^saved in ([\d.]+) ms$/m.exec(output)[1]), documents: count };
}

/**
 * Imports a large file into Postgres by `--since last`, again while it is the same, and again when it only looks like
 * another one, so that it is read.
 * @param {Source} source
 */
export function measureLarge({ file, documents, folder }) {
  return withDatabases('postgres', ['large'], folder, async ([target]) => {
    const importFile = async () => {
      const run = await dbtool(target.url, ['import', 'mongo', '--from', file, '--since', 'last'], folder);
      await refuseOtherCount(target, documents);
      return { ...run, documents };
    };
    const first = await importFile();
    const unchanged = await importFile();
    utimesSync(file, new Date(), new Date());
    return { first, unchanged, reread: await importFile() };
  });
}

/** Makes a database with dbtool's tables for each role, and drops them at the end. */
async function withDatabases(kind, roles, folder, work) {
  const databases = [];
  try {
    for (const role of roles) {
      const database = await createDatabase(kind, folder, `dbtool_bench_${process.pid}_${role}`);
      databases.push(database);
      await dbtool(database.url, ['migrate', 'up'], folder);
    }
    return await work(databases);
  } finally {
    for (const database of databases) await database.drop();
  }
}

async function refuseOtherCount(database, documents) {
  const [row] = await database.query(
    'SELECT (SELECT count(*) FROM traces) AS traces, (SELECT count(*) FROM spans) AS spans',
  );
  const [traces, spans] = [Number(row.traces), Number(row.spans)];
  if (traces !== documents || spans !== documents * 5)
    throw new Error(
      `There are ${traces} traces and ${spans} spans instead of ${documents} and ${documents * 5}`,
    );
}
