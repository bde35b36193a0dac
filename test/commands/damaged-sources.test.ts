import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Document, serialize } from 'bson';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { startCli } from '../support/cli.js';
import { contentHashes } from '../support/content-hash.js';
import { createTestDatabase, type TestDatabase } from '../support/databases.js';
import { archiveOf } from '../support/dump-archive.js';
import { migrateUp, open } from '../support/open-database.js';
import { useTempFolder } from '../support/temp-folder.js';

const TRACES = [1, 2, 3].map((_id) => ({ _id, name: 'a trace', start_time: new Date(_id) }));
const BSON = Buffer.concat(TRACES.map((one) => serialize(one)));
const [FIRST = 0] = TRACES.map((one) => serialize(one).length);
const ARCHIVE = archiveOf({ traces: TRACES });
const JSON_LINES = TRACES.map(({ _id }) => `{"_id":${_id},"start_time":{"$date":"2025-01-01T00:00:00Z"}}\n`);
const JSON_TEXT = Buffer.from(JSON_LINES.join(''));
/** Where a document of an archive begins that is put behind its head. */
const HEAD_END = ARCHIVE.indexOf(Buffer.alloc(4, 0xff)) + 4;

/** A document that says that it is 2 GB long. */
function hugeDocument(document: Document): Buffer {
  const bytes = Buffer.from(serialize(document));
  bytes.writeInt32LE(0x7fffffff);
  return bytes;
}
const zip = (bytes: Buffer): Buffer => gzipSync(bytes);
const without = (bytes: Buffer, count: number): Buffer => bytes.subarray(0, bytes.length - count);
/** The four bytes before the last four of a gzip file are the checksum of what is compressed. */
function wrongGzipChecksum(bytes: Buffer): Buffer {
  const zipped = Buffer.from(zip(bytes));
  zipped.writeUInt32LE((zipped.readUInt32LE(zipped.length - 8) ^ 1) >>> 0, zipped.length - 8);
  return zipped;
}

interface Case {
  file: string;
  bytes: Buffer;
  code: string;
  /** Where the error says that it is, in decompressed bytes. */
  offset: number;
}

/** What is damaged at its end is not given even in part: the damage lies behind the chunks before. */
const UNZIPPED = 0;
const HUGE_BSON = Buffer.concat([serialize(TRACES[0] ?? {}), hugeDocument({ _id: 2 })]);
const HUGE_ARCHIVE = archiveOf({ traces: [TRACES[0] ?? {}, hugeDocument({ _id: 2 })] });
const WRONG_CRC = archiveOf({ traces: TRACES }, { crc: (right) => right ^ 1n });
/** Where an archive's last segment begins, which tells the checksum: its head, and a terminator. */
const endSegment = (archive: Buffer): number => archive.lastIndexOf(Buffer.from('traces')) - 34;

const CASES: Readonly<Record<string, Case>> = {
  'a .bson file that ends too early': {
    ...{ file: 'genai/traces.bson', bytes: without(BSON, 5) },
    ...{ code: 'import.source.truncated', offset: 2 * FIRST },
  },
  'a .bson file with a document of 2 GB': {
    ...{ file: 'genai/traces.bson', bytes: HUGE_BSON },
    ...{ code: 'import.source.not-bson', offset: FIRST },
  },
  'a compressed .bson file with a document of 2 GB': {
    ...{ file: 'genai/traces.bson.gz', bytes: zip(HUGE_BSON) },
    ...{ code: 'import.source.not-bson', offset: FIRST },
  },
  'an empty file that should be compressed': {
    ...{ file: 'genai/traces.bson.gz', bytes: Buffer.alloc(0) },
    ...{ code: 'import.source.truncated', offset: 0 },
  },
  'a compressed .bson file that ends too early': {
    ...{ file: 'genai/traces.bson.gz', bytes: without(zip(BSON), 8) },
    ...{ code: 'import.source.truncated', offset: BSON.length },
  },
  'a compressed .bson file with a wrong checksum': {
    ...{ file: 'genai/traces.bson.gz', bytes: wrongGzipChecksum(BSON) },
    ...{ code: 'import.source.unreadable', offset: UNZIPPED },
  },
  'an empty archive': {
    ...{ file: 'genai.archive', bytes: Buffer.alloc(0) },
    ...{ code: 'import.source.truncated', offset: 0 },
  },
  'an archive that ends in a document': {
    ...{ file: 'genai.archive', bytes: ARCHIVE.subarray(0, HEAD_END + 10) },
    ...{ code: 'import.source.truncated', offset: HEAD_END },
  },
  'an archive that ends before its last segment': {
    ...{ file: 'genai.archive', bytes: ARCHIVE.subarray(0, endSegment(ARCHIVE)) },
    ...{ code: 'import.source.truncated', offset: endSegment(ARCHIVE) },
  },
  'an archive with a wrong checksum': {
    ...{ file: 'genai.archive', bytes: WRONG_CRC },
    ...{ code: 'import.source.checksum', offset: endSegment(WRONG_CRC) },
  },
  'a compressed archive with a wrong checksum of its own': {
    ...{ file: 'genai.archive.gz', bytes: zip(WRONG_CRC) },
    ...{ code: 'import.source.checksum', offset: endSegment(WRONG_CRC) },
  },
  'a compressed archive with a wrong checksum of gzip': {
    ...{ file: 'genai.archive.gz', bytes: wrongGzipChecksum(ARCHIVE) },
    ...{ code: 'import.source.unreadable', offset: UNZIPPED },
  },
  'an archive with a document of 2 GB': {
    ...{ file: 'genai.archive', bytes: HUGE_ARCHIVE },
    ...{ code: 'import.source.not-archive', offset: HUGE_ARCHIVE.indexOf(hugeDocument({ _id: 2 })) },
  },
  'a JSON file that ends too early': {
    ...{ file: 'traces.json', bytes: without(JSON_TEXT, 5) },
    ...{ code: 'import.source.not-json', offset: JSON_TEXT.length - 5 },
  },
  'a JSON file with a line that is none': {
    ...{ file: 'traces.json', bytes: Buffer.concat([JSON_TEXT, Buffer.from('{"_id":}\n')]) },
    ...{ code: 'import.source.not-json', offset: JSON_TEXT.length },
  },
  'a compressed JSON file that ends too early': {
    ...{ file: 'traces.json.gz', bytes: without(zip(JSON_TEXT), 8) },
    ...{ code: 'import.source.truncated', offset: JSON_TEXT.length },
  },
  'a compressed JSON file with a wrong checksum': {
    ...{ file: 'traces.json.gz', bytes: wrongGzipChecksum(JSON_TEXT) },
    ...{ code: 'import.source.unreadable', offset: UNZIPPED },
  },
};

// On SQLite only: what is refused here is refused before the database matters.
describe('a damaged source', () => {
  const folder = useTempFolder();
  let database: TestDatabase;
  let before: Record<string, string>;
  let where: string;

  beforeAll(async () => {
    database = await createTestDatabase('sqlite');
    await migrateUp(database);
    before = await open(database, contentHashes);
  });
  afterAll(() => database.drop());
  beforeEach(() => {
    where = folder.path;
  });

  async function refusalOf(args: string[], input: Buffer): Promise<{ code: string; details: Document }> {
    const { child, result } = startCli(['import', 'mongo', '--json', ...args], {
      cwd: where,
      env: { DBTOOL_DATABASE_URL: database.url, TMPDIR: where },
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const { code, stdout } = await result;
    expect({ code, stdout }).toMatchObject({ code: 2 });
    expect(await open(database, contentHashes)).toEqual(before);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string; details: Document } };
    expect(error.message).toContain(String(error.details['file']));
    return error;
  }

  it.each(Object.entries(CASES))('%s is refused with code, file and byte', async (_, one) => {
    await folder.write(one.file, one.bytes);
    // A folder is named as such, anything else by its file.
    const from = one.file.startsWith('genai/') ? 'genai' : one.file;
    expect(await refusalOf(['--from', from], Buffer.alloc(0))).toMatchObject({
      code: one.code,
      details: { file: path.join(where, one.file), offset: one.offset },
    });
  });

  const isPiped = ([name, { file }]: [string, Case]): boolean =>
    !file.startsWith('genai/') && !name.includes('empty');
  it.each(Object.entries(CASES).filter(isPiped))('%s is refused on standard input', async (_, one) => {
    const collection = one.file.startsWith('traces.json') ? ['--collection', 'traces'] : [];
    expect(await refusalOf(['--from', '-', ...collection], one.bytes)).toMatchObject({
      code: one.code,
      details: { file: 'standard input', offset: one.offset },
    });
  });

  it.each(['genai/traces.bson', 'traces.json'])('that is only empty has no documents: %s', async (file) => {
    await folder.write(file, '');
    const { child, result } = startCli(['import', 'mongo', '--json', '--from', file], {
      cwd: where,
      env: { DBTOOL_DATABASE_URL: database.url },
    });
    child.stdin.end();
    const { code, stdout } = await result;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ data: { complete: true, total: { read: 0 } } });
  });
});
