import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Document, Long, serialize } from 'bson';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { traceDocument } from '../../bench/lib/trace-documents.mjs';
import { Trace } from '../../src/entities/trace.js';
import type { ImportResult } from '../../src/import/importer.js';
import { Crc64 } from '../../src/import/sources/crc64.js';
import { campaign, tally } from '../support/campaign.js';
import { startCli } from '../support/cli.js';
import { createTestDatabase, type TestDatabase } from '../support/databases.js';
import { extendedJson } from '../support/extended-json-texts.js';
import { migrateUp, open } from '../support/open-database.js';

const MB = 1_000_000;
/** Bytes of the large source: what dbtool copies of it, and the database, lie in the temporary folder meanwhile. */
const LARGE = campaign(1000) * MB;
/** Most memory that the process may have for documents of the usual length, in MB. */
const MOST = 300;
/** For a batch of a few documents of 10 MB, read, mapped and written at once. */
const MOST_FOR_LONG = 450;
/** How much more a source of four times the length may take. */
const MOST_GROWTH = 1.15;
/** What an import comes to within some seconds, whatever its length: a short one may end before. */
const WARM = 245;
const LIMIT_MS = 120_000 + campaign(1_800_000);
const TELL_MEMORY = pathToFileURL('bench/tell-memory.mjs').href;

const TERMINATOR = Buffer.alloc(4, 0xff);
const TEMPLATES = Array.from({ length: 100 }, (_, index) => traceDocument(index));

/** The documents, over and over with ids of their own, until there are so many bytes. */
function* repeated(encode: (document: Document) => Buffer, bytes: number): Generator<Buffer> {
  // Only the id differs, so that making them takes less time than reading them.
  const encoded = TEMPLATES.map((document) => {
    const whole = encode(document);
    return { whole, at: whole.indexOf(String(document['_id'])) };
  });
  let sent = 0;
  for (let number = 0; sent < bytes; number += encoded.length) {
    const parts = encoded.map(({ whole, at }, index) => {
      const copy = Buffer.from(whole);
      copy.write((number + index).toString(16).padStart(32, '0'), at, 'latin1');
      return copy;
    });
    const part = Buffer.concat(parts);
    sent += part.length;
    yield part;
  }
}

/** An archive of mongodump, made while it is read. */
function* archive(bytes: number): Generator<Buffer> {
  const place = { db: 'genai', collection: 'traces' };
  const head = {
    concurrent_collections: 1,
    version: '0.1',
    server_version: '8.0.4',
    tool_version: '100.10.0',
  };
  const prelude = [head, { ...place, metadata: '{}', size: 0, type: 'collection' }].map((one) =>
    serialize(one),
  );
  const start = serialize({ ...place, EOF: false, CRC: Long.fromNumber(0) });
  yield Buffer.concat([Buffer.from('6de29981', 'hex'), ...prelude, TERMINATOR, start]);
  const crc = new Crc64();
  for (const part of repeated((document) => Buffer.from(serialize(document)), bytes)) {
    crc.update(part);
    yield part;
  }
  const CRC = Long.fromBigInt(BigInt.asIntN(64, crc.value()));
  yield Buffer.concat([TERMINATOR, serialize({ ...place, EOF: true, CRC }), TERMINATOR]);
}

const jsonLines = (bytes: number): Generator<Buffer> =>
  repeated((document) => Buffer.from(`${extendedJson(document, 'canonical, version 2')}\n`), bytes);

describe('the memory of an import', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase('sqlite');
    await migrateUp(database);
  });
  afterEach(() => database.drop());

  /** Imports what comes on standard input. @returns the most memory that the process had, in MB */
  async function peakOf(
    source: Iterable<Buffer>,
    ...flags: string[]
  ): Promise<{ memory: number; total: ImportResult['total'] }> {
    const { child, result } = startCli(['import', 'mongo', '--from', '-', '--json', ...flags], {
      env: { DBTOOL_DATABASE_URL: database.url, NODE_OPTIONS: `--import=${TELL_MEMORY}` },
      timeoutMs: LIMIT_MS,
    });
    await pipeline(Readable.from(source), child.stdin);
    const { code, stdout, stderr } = await result;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const { data } = JSON.parse(stdout) as { data: ImportResult };
    return { memory: Number(/^peak memory: (\d+) kB$/m.exec(stderr)?.[1]) / 1000, total: data.total };
  }

  it.each<[string, (bytes: number) => Generator<Buffer>, string[]]>([
    ['an archive', archive, []],
    ['Extended JSON', jsonLines, ['--collection', 'traces']],
  ])(
    'is the same for any length of %s',
    async (kind, make, flags) => {
      const short = await peakOf(make(LARGE / 4), ...flags);
      await database.drop();
      database = await createTestDatabase('sqlite');
      await migrateUp(database);
      const long = await peakOf(make(LARGE), ...flags);
      expect(long.total.read).toBeGreaterThan(short.total.read * 3.5);
      const count = await open(database, ({ dataSource }) => dataSource.getRepository(Trace).count());
      expect(count).toBe(long.total.read);
      tally(`memory for ${LARGE / MB} MB of ${kind}, and a quarter of it`, {
        'MB (whole)': Math.round(long.memory),
        'MB (quarter)': Math.round(short.memory),
      });
      expect(long.memory).toBeLessThan(MOST);
      expect(long.memory).toBeLessThan(Math.max(short.memory, WARM) * MOST_GROWTH);
    },
    LIMIT_MS,
  );

  const documentOf = (number: number, bytes: number): Buffer => {
    const document = { _id: `long-${number}`, start_time: new Date(number), extra_data: { text: '' } };
    const text = 'x'.repeat(bytes - serialize(document).length);
    return Buffer.from(serialize({ ...document, extra_data: { text } }));
  };

  /** Documents of a length, in an archive. */
  function* longOnes(count: number, bytes: number): Generator<Buffer> {
    const place = { db: 'genai', collection: 'traces' };
    const [prelude] = archive(0);
    yield prelude ?? Buffer.alloc(0);
    for (let number = 0; number < count; number += 1) yield documentOf(number, bytes);
    yield Buffer.concat([TERMINATOR, serialize({ ...place, EOF: true }), TERMINATOR]);
  }

  it.each([
    [1, 16 * 1024 * 1024],
    [campaign(50), 10 * MB],
  ])(
    'holds a few of the longest documents: %d of %d bytes',
    async (count, bytes) => {
      const { memory, total } = await peakOf(longOnes(count, bytes));
      expect(total).toMatchObject({ read: count, imported: count, bytes: count * bytes });
      const text = await open(database, async ({ dataSource }) =>
        dataSource.getRepository(Trace).findOneByOrFail({ id: `long-${count - 1}` }),
      );
      expect((text.extraData as { text: string }).text.length).toBeGreaterThan(bytes - 200);
      tally(`memory for ${count} documents of ${bytes} bytes`, { MB: Math.round(memory) });
      expect(memory).toBeLessThan(MOST_FOR_LONG);
    },
    LIMIT_MS,
  );
});
