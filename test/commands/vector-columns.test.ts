import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CliResult, runCli } from '../support/cli.js';
import { createTestDatabase, forEachDatabase, type TestDatabase } from '../support/databases.js';
import { onPostgres } from '../support/servers/pglite.js';
import { useTempFolder } from '../support/temp-folder.js';
import { forEachVectorServer, query } from '../support/vector-servers.js';

const DEMO_DUMP = fileURLToPath(new URL('../../fixtures/demo-dump/genai', import.meta.url));
const DIMENSIONS = `SELECT vector_dims(embedding_vector) AS dimensions, count(*)::int AS chunks
  FROM document_chunks GROUP BY 1 ORDER BY 1`;
/** What the demo data has. */
const DEMO_DIMENSIONS = [
  { dimensions: 1536, chunks: 13 },
  { dimensions: 3072, chunks: 2 },
];

interface Check {
  name: string;
  status: string;
  message: string;
  fix?: string;
}

/** What `doctor --json` says of vectors. */
async function vectorsCheck(dbtool: (...args: string[]) => Promise<CliResult>): Promise<Check | undefined> {
  const { stdout } = await dbtool('doctor', '--json');
  const { data } = JSON.parse(stdout) as { data: { checks: Check[] } };
  return data.checks.find(({ name }) => name === 'vectors');
}

forEachVectorServer('commands, where embeddings may be vectors', (create) => {
  const folder = useTempFolder();
  let database: TestDatabase;
  const dbtool = (...args: string[]): Promise<CliResult> =>
    runCli(args, { cwd: folder.path, env: { DBTOOL_DATABASE_URL: database.url }, timeoutMs: 120_000 });
  const column = (): Promise<Record<string, unknown>[]> =>
    query(database, `SELECT 1 FROM pg_attribute WHERE attname = 'embedding_vector' AND NOT attisdropped`);

  beforeEach(async () => {
    database = await create();
  });
  afterEach(() => database.drop());

  it('bring in the demo data, prove it, and take the column back and make it again', async () => {
    await query(database, 'CREATE EXTENSION vector');
    const planned = await dbtool('migrate', 'plan');
    expect(planned.stdout).toContain('ADD COLUMN "embedding_vector" vector GENERATED ALWAYS AS');
    expect(await dbtool('migrate', 'up')).toMatchObject({ code: 0 });
    expect(await dbtool('import', 'mongo', '--from', DEMO_DUMP)).toMatchObject({ code: 4 });
    const { code, stdout } = await dbtool('import', 'verify', '--from', DEMO_DUMP);
    expect(code).toBe(4);
    expect(stdout.match(/^documents_\w+ +equal /gm)).toHaveLength(3);
    expect(stdout).not.toContain('differs');
    expect(await query(database, DIMENSIONS)).toEqual(DEMO_DIMENSIONS);

    const mended = ['mended', 'mended too'].map((_id) => ({
      collection: 'documents_653585f693242e1e58005d25',
      id: _id,
      reasons: [],
      document: { _id, embedding: [{ $numberDouble: '0.5' }, { $numberDouble: '-0.0' }] },
    }));
    await folder.write('mended.ndjson', mended.map((line) => `${JSON.stringify(line)}\n`).join(''));
    for (let times = 0; times < 2; times += 1)
      expect(await dbtool('import', 'retry', 'mended.ndjson')).toMatchObject({ code: 0 });
    const retried = `DELETE FROM document_chunks WHERE source_id LIKE 'mended%' RETURNING embedding_vector::text AS vector`;
    expect(await query(database, retried)).toEqual([{ vector: '[0.5,-0]' }, { vector: '[0.5,-0]' }]);

    expect(await dbtool('migrate', 'check')).toMatchObject({ code: 0, stderr: '' });
    expect(await vectorsCheck(dbtool)).toMatchObject({
      status: 'ok',
      message: 'document_chunks.embedding_vector',
    });
    expect(await dbtool('migrate', 'down', '--yes')).toMatchObject({ code: 0 });
    expect(await column()).toEqual([]);
    // On rows that are there: the migration knows that it writes them anew.
    expect(await dbtool('migrate', 'up')).toMatchObject({ code: 0 });
    expect(await query(database, DIMENSIONS)).toEqual(DEMO_DIMENSIONS);
    expect(await dbtool('import', 'verify', '--from', DEMO_DUMP)).toMatchObject({ code: 4 });
  });

  it('tell how to have the column when the extension comes later, in any schema', async () => {
    expect((await dbtool('migrate', 'plan')).stdout).not.toContain('embedding_vector');
    expect(await dbtool('migrate', 'up')).toMatchObject({ code: 0 });
    expect(await vectorsCheck(dbtool)).toMatchObject({
      status: 'skipped',
      message: expect.stringMatching(/^pgvector is not installed/) as unknown,
    });
    await dbtool('import', 'mongo', '--from', DEMO_DUMP);
    await query(database, 'CREATE SCHEMA extensions');
    await query(database, 'CREATE EXTENSION vector SCHEMA extensions');
    expect(await dbtool('migrate', 'check')).toMatchObject({ code: 0 });

    const shown = await dbtool('doctor');
    expect(shown.code).toBe(0);
    const statement = /^ALTER TABLE [^]*?;$/m.exec(shown.stdout)?.[0] ?? '';
    expect(await vectorsCheck(dbtool)).toMatchObject({
      status: 'warn',
      message: 'pgvector is installed, but embeddings cannot be searched by similarity.',
      fix: expect.stringContaining(statement) as unknown,
    });
    await query(database, statement);
    expect(await vectorsCheck(dbtool)).toMatchObject({ status: 'ok' });
    expect(await query(database, DIMENSIONS.replace('vector_dims', 'extensions.vector_dims'))).toEqual(
      DEMO_DIMENSIONS,
    );
    expect(await dbtool('migrate', 'check')).toMatchObject({ code: 0, stderr: '' });
    expect(await dbtool('import', 'verify', '--from', DEMO_DUMP)).toMatchObject({ code: 4 });
    expect(await dbtool('migrate', 'down', '--yes')).toMatchObject({ code: 0 });
    expect(await column()).toEqual([]);
    expect(await query(database, 'SELECT count(embedding)::int AS chunks FROM document_chunks')).toEqual([
      { chunks: 15 },
    ]);
  });

  it('take neither the column nor indexes over it for drift, but one that is made by hand', async () => {
    await query(database, 'CREATE EXTENSION vector');
    await dbtool('migrate', 'up');
    await query(
      database,
      `CREATE INDEX by_likeness ON document_chunks USING hnsw ((embedding_vector::vector(3)) vector_l2_ops)
         WHERE vector_dims(embedding_vector) = 3`,
    );
    expect(await dbtool('migrate', 'check')).toMatchObject({ code: 0, stderr: '' });
    const nothing = await dbtool('migrate', 'generate', 'nothing', '--folder', folder.path, '--json');
    expect(JSON.parse(nothing.stdout)).toMatchObject({ ok: true, data: { differences: [] } });
    await query(database, 'ALTER TABLE document_chunks DROP COLUMN embedding_vector');
    await query(database, 'ALTER TABLE document_chunks ADD embedding_vector vector(3)');
    const { code, stderr } = await dbtool('migrate', 'check');
    expect(code).toBe(10);
    expect(stderr).toContain('column document_chunks.embedding_vector (vector(3)) is in no entity');
  });

  it('let others change the table by migrations of any form', async () => {
    await query(database, 'CREATE EXTENSION vector');
    await dbtool('migrate', 'up');
    await query(
      database,
      `INSERT INTO knowledge_sources (id, system_name) VALUES ('k', 'K');
       INSERT INTO document_chunks (id, knowledge_source_id, embedding) VALUES ('a', 'k', '[1, 2, 3]'), ('b', 'k', '[1, 2, 3]')`,
    );
    await folder.write(
      'm/20270101000000-by-typeorm.js',
      `const { TableColumn } = require('typeorm');
       exports.ByTypeorm = class ByTypeorm {
         async up(runner) { await runner.addColumn('document_chunks', new TableColumn({ name: 'own', type: 'int', isNullable: true })); }
         async down(runner) { await runner.dropColumn('document_chunks', 'own'); }
       }`,
    );
    // What is judged by the types of the table's columns.
    await folder.write(
      'm/20270102000000-by-sql.sql',
      '-- migrate:up\nALTER TABLE document_chunks ALTER COLUMN own TYPE bigint;\n',
    );
    const folders = ['--folder', 'builtin', '--folder', path.join(folder.path, 'm')];
    const refused = await dbtool('migrate', 'up', ...folders);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain('(change-type)');
    expect(await dbtool('migrate', 'up', '--dangers', 'warn', ...folders)).toMatchObject({ code: 0 });
    // What repair finds out from the catalogue.
    await folder.write(
      'm/20270103000000-index.sql',
      '-- migrate:up transaction:false\nCREATE UNIQUE INDEX by_vector ON document_chunks (embedding_vector);\n',
    );
    expect(await dbtool('migrate', 'up', '--dangers', 'warn', ...folders)).toMatchObject({ code: 1 });
    const repair = await dbtool('migrate', 'repair', ...folders);
    expect(repair.stdout).toMatch(/open +1 \(line 2\) +CREATE UNIQUE INDEX/);
  });

  it('need no privilege for the column but that of the schema, to search', async () => {
    await query(database, 'CREATE SCHEMA extensions');
    await query(database, 'CREATE EXTENSION vector SCHEMA extensions');
    await dbtool('migrate', 'up');
    const role = `vectors_${Date.now().toString(36)}`;
    await query(
      database,
      `CREATE ROLE ${role}; GRANT USAGE ON SCHEMA public TO ${role};
       GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`,
    );
    await onPostgres(database.url, async (client) => {
      await client.query(`BEGIN; SET LOCAL ROLE ${role}`);
      await client.query(
        `INSERT INTO knowledge_sources (id, system_name) VALUES ('k', 'K');
         INSERT INTO document_chunks (id, knowledge_source_id, embedding) VALUES ('a', 'k', '[1, 2]');
         UPDATE document_chunks SET embedding = '[1, 2, 3]'`,
      );
      const { rows } = await client.query('SELECT embedding_vector::text AS vector FROM document_chunks');
      expect(rows).toEqual([{ vector: '[1,2,3]' }]);
      const dimensions = client.query('SELECT extensions.vector_dims(embedding_vector) FROM document_chunks');
      await expect(dimensions).rejects.toMatchObject({ code: '42501' });
      await client.query('ROLLBACK');
      await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    });
  });
});

describe('commands without the extension', () => {
  forEachDatabase('on', (kind) => {
    it('have no such column, and say so', async () => {
      const database = await createTestDatabase(kind);
      const dbtool = (...args: string[]): Promise<CliResult> =>
        runCli(args, { env: { DBTOOL_DATABASE_URL: database.url } });
      try {
        expect((await dbtool('migrate', 'plan')).stdout).not.toContain('embedding_vector');
        expect(await dbtool('migrate', 'up')).toMatchObject({ code: 0 });
        expect(await dbtool('migrate', 'check')).toMatchObject({ code: 0 });
        expect(await vectorsCheck(dbtool)).toMatchObject({ status: 'skipped' });
      } finally {
        await database.drop();
      }
    });
  });
});
