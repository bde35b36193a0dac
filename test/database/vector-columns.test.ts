import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type Document, Double, Long } from 'bson';
import type { OpenDatabase } from '../../src/database/data-source.js';
import { tableOf } from '../../src/database/model/table-model.js';
import { DocumentChunk } from '../../src/entities/document-chunk.js';
import { KnowledgeSource } from '../../src/entities/knowledge-source.js';
import { BulkRepository } from '../../src/repositories/bulk-repository.js';
import { caught } from '../support/caught.js';
import type { TestDatabase } from '../support/databases.js';
import { dumpOf, importAll, verifyAll } from '../support/import-documents.js';
import { migrateUp, open } from '../support/open-database.js';
import { onPostgres } from '../support/servers/pglite.js';
import { useTempFolder } from '../support/temp-folder.js';
import { forEachVectorServer, query } from '../support/vector-servers.js';

const PAGE = readFileSync(new URL('../../docs/databases.md', import.meta.url), 'utf8');

/** The statement of docs/databases.md that begins with this comment. */
function documented(comment: string): string {
  const statement = new RegExp(`\`\`\`sql\\n-- ${comment}\\n([^\`]+);\\n\`\`\``).exec(PAGE)?.[1];
  if (statement === undefined) throw new Error(`docs/databases.md has no statement "${comment}"`);
  return statement;
}

const ones = (count: number): number[] => Array.from({ length: count }, () => 1);
/** One in one direction, nothing in all others. */
const unit = (dimensions: number, direction: number): number[] =>
  Array.from({ length: dimensions }, (_, at) => (at === direction ? 1 : 0));
const EQUAL = { stored: 8, unfit: 0, missing: 0, different: 0, outdated: 0, extra: 0 };
const NAN = { $numberDouble: 'NaN' };
const NEGATIVE_ZERO = { $numberDouble: '-0.0' };

/** Embeddings as they stand in the JSON column, and what the vector is; null for none. */
const EMBEDDINGS: Record<string, [embedding: unknown, vector: number[] | null]> = {
  'whole numbers and fractions': [
    [1, -2.5, 0.1],
    [1, -2.5, 0.1],
  ],
  'one number': [[7], [7]],
  '1536 numbers': [ones(1536), ones(1536)],
  '3072 numbers': [ones(3072), ones(3072)],
  '16,000 numbers': [ones(16_000), ones(16_000)],
  '16,001 numbers': [ones(16_001), null],
  'more digits than four bytes hold': [[0.123456789012345], [0.12345679]],
  'the largest of four bytes': [
    [3.4028234663852886e38, -3.4028235e38],
    [3.4028235e38, -3.4028235e38],
  ],
  'a larger one': [[1, 3.4028236e38], null],
  'a smaller one': [[-3.4028236e38], null],
  'the largest double': [[Number.MAX_VALUE], null],
  'the smallest of four bytes': [[1e-45], [1e-45]],
  'smaller ones': [
    [1e-46, -1e-46, Number.MIN_VALUE, 1],
    [0, -0, 0, 1],
  ],
  'negative zeros': [
    [NEGATIVE_ZERO, 1, NEGATIVE_ZERO],
    [-0, 1, -0],
  ],
  'what looks like a negative zero': [[{ ...NEGATIVE_ZERO, more: 1 }], null],
  'the text of a negative zero': [[JSON.stringify(NEGATIVE_ZERO)], null],
  'a negative zero by itself': [NEGATIVE_ZERO, null],
  'a number that is not one': [[1, NAN], null],
  infinity: [[{ $numberDouble: 'Infinity' }], null],
  'an integer of 64 bits': [[{ $numberLong: '9007199254740993' }], null],
  'an empty list': [[], null],
  'an empty object in it': [[{}], null],
  'a list in it': [[[1, 2], [3]], null],
  'one list in it': [[[1, 2]], null],
  'texts in it': [['1', '2'], null],
  'null in it': [[1, null], null],
  'true in it': [[true], null],
  'a text': ['[1, 2]', null],
  'a number': [5, null],
  'an object': [{ 0: 1 }, null],
  'no value': [null, null],
};

const asNumbers = (vector: unknown): unknown => (vector === null ? null : JSON.parse(vector as string));

forEachVectorServer('embeddings as vectors', (create) => {
  const folder = useTempFolder();
  let database: TestDatabase;

  beforeEach(async () => {
    database = await create();
    await query(database, 'CREATE EXTENSION vector');
    await migrateUp(database);
    await open(database, ({ dataSource }) =>
      dataSource.getRepository(KnowledgeSource).insert({ id: 'source', systemName: 'SOURCE' }),
    );
  });
  afterEach(() => database.drop());

  const chunk = (id: string, embedding: unknown) => ({ id, knowledgeSourceId: 'source', embedding });
  const chunks = (): ReturnType<typeof chunk>[] =>
    Object.entries(EMBEDDINGS).map(([id, [embedding]]) => chunk(id, embedding));

  async function vectors(): Promise<Record<string, unknown>> {
    const rows = await query(database, 'SELECT id, embedding_vector::text AS vector FROM document_chunks');
    return Object.fromEntries(rows.map(({ id, vector }) => [String(id), asNumbers(vector)]));
  }

  const expected = (): Record<string, unknown> =>
    Object.fromEntries(Object.entries(EMBEDDINGS).map(([id, [, vector]]) => [id, vector]));

  const writeInBulk = (opened: OpenDatabase, rows: readonly ReturnType<typeof chunk>[]): Promise<void> => {
    const table = tableOf(DocumentChunk);
    const asText = (json: unknown): string | null => (json === null ? null : JSON.stringify(json));
    const logical = rows.map((row) => ({ ...row, embedding: asText(row.embedding) }));
    const bulk = new BulkRepository(opened);
    return bulk.transaction((runner) => bulk.write(runner, { table, rows: logical, children: [] }));
  };

  /** How the server would do it if the table were too large to be sorted. */
  const planOf = (statement: string): Promise<unknown> =>
    onPostgres(database.url, async (client) => {
      await client.query('BEGIN; SET LOCAL enable_sort = off');
      const { rows } = await client.query<Record<string, unknown>>(`EXPLAIN ${statement}`);
      await client.query('ROLLBACK');
      return rows;
    });

  it('are what the JSON says, or NULL, whoever writes it', async () => {
    await open(database, async (opened) => {
      // Rows that are new are copied, rows that are there are updated.
      await writeInBulk(opened, chunks());
      expect(await vectors()).toEqual(expected());
      await writeInBulk(
        opened,
        chunks().map(({ id }) => chunk(id, [1])),
      );
      expect(new Set(Object.values(await vectors()).map(String))).toEqual(new Set(['1']));
      await writeInBulk(opened, chunks());
      expect(await vectors()).toEqual(expected());

      const repository = opened.dataSource.getRepository(DocumentChunk);
      await repository.clear();
      await repository.insert(chunks() as never[]);
      expect(await vectors()).toEqual(expected());
      const saved = await repository.findOneByOrFail({ id: '1536 numbers' });
      await repository.save(Object.assign(saved, { embedding: [4, 5] }));
      expect(await vectors()).toEqual({ ...expected(), '1536 numbers': [4, 5] });
    });
  });

  it('refuse to be written by themselves', async () => {
    const insert = `INSERT INTO document_chunks (id, knowledge_source_id, embedding_vector) VALUES ('x', 'source', '[1]')`;
    await expect(query(database, insert)).rejects.toMatchObject({ code: '428C9' });
  });

  it('come with an import, and verification compares the JSON as ever', async () => {
    const embedded = (_id: string, embedding: unknown): Document => ({ _id, content: _id, embedding });
    const documents = [
      embedded('a', unit(1536, 3)),
      embedded('b', unit(3072, 3)),
      embedded('c', [0.5, Number.NaN]),
      embedded('d', [new Double(-0), new Double(1e300)]),
      embedded('e', [Long.fromString('9007199254740993')]),
      embedded('f', [new Double(-0), 1, Long.fromNumber(2)]),
      embedded('g', ['nonsense']),
      { _id: 'h', content: 'h' },
    ];
    const collections = { collections: [{ _id: 'k', name: 'K' }], documents_k: documents };
    const dump = await dumpOf(folder.path, collections);
    await open(database, async (opened) => {
      const { result, rejects } = await importAll(opened, folder.path, dump);
      expect(rejects).toEqual([]);
      expect(result.collections.map(({ imported }) => imported)).toEqual([1, documents.length]);
      expect(await verifyAll(opened, dump)).toMatchObject({ documents_k: EQUAL });
      // All rows again, which are there by now.
      await importAll(opened, folder.path, dump, { overwrite: true });
      expect(await verifyAll(opened, dump)).toMatchObject({ documents_k: EQUAL });
    });
    const rows = await query(
      database,
      'SELECT source_id AS id, embedding_vector::text AS vector FROM document_chunks ORDER BY source_id',
    );
    const numbers = rows.map(({ vector }) => asNumbers(vector));
    expect(numbers).toEqual([unit(1536, 3), unit(3072, 3), null, null, null, [-0, 1, 2], null, null]);
  });

  it('are found by similarity and by the documented indexes', async () => {
    const near = unit(1536, 7).map((value, at) => (at === 8 ? 0.2 : value));
    const rows = [
      ...Array.from({ length: 40 }, (_, at) => chunk(`small-${at}`, unit(1536, at))),
      ...Array.from({ length: 40 }, (_, at) => chunk(`large-${at}`, unit(3072, at))),
      chunk('near', near),
      chunk('none', ['nonsense']),
    ];
    await open(database, (opened) => writeInBulk(opened, rows));
    const search = documented('the five nearest');
    const large = search.replaceAll('1536', '3072').replace('::vector(', '::halfvec(');
    const found = async (text: string, vector: number[]): Promise<unknown[]> =>
      (await query(database, text, [JSON.stringify(vector)])).map(({ id }) => id);
    const nearest = async (): Promise<unknown[][]> => [
      (await found(search, unit(1536, 7))).slice(0, 2),
      (await found(large, unit(3072, 9))).slice(0, 1),
    ];
    expect(await nearest()).toEqual([['small-7', 'near'], ['large-9']]);
    await query(database, documented('an index for 1536 dimensions'));
    await query(database, documented('an index for 3072 dimensions'));
    expect(await nearest()).toEqual([['small-7', 'near'], ['large-9']]);
    for (const [text, dimensions] of [
      [search, 1536],
      [large, 3072],
    ] as const) {
      const literal = text.replace('$1', `'${JSON.stringify(unit(dimensions, 1))}'`);
      const plan = await planOf(literal);
      expect(JSON.stringify(plan)).toContain(`Index Scan using ix_embedding_${dimensions}`);
    }
    // The indexes hold what is of their dimension, and stand in nobody's way.
    await open(database, (opened) => writeInBulk(opened, chunks()));
    expect(await vectors()).toMatchObject(expected());
    const tooLarge = unit(3072, 0).map((value) => value * 70_000);
    const { code } = await caught(() =>
      open(database, (opened) => writeInBulk(opened, [chunk('too large for two bytes', tooLarge)])),
    );
    expect(code).toBe('database.row.out-of-range');
  });
});
