import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

import { serialize } from 'bson';

/** Byte 8 of a gzip header tells the effort (2: best), byte 9 the operating system (3: Unix). */
const GZIP_XFL_BEST = 2;
const GZIP_OS_UNIX = 3;

/**
 * zlib writes the host's operating system into the header; a dump must not depend on where it was
 * made. The time stamp needs no care: Node leaves it 0.
 * @param {AsyncIterable<Buffer>} chunks
 */
async function* withPortableHeader(chunks) {
  /** @type {Buffer} */
  let head = Buffer.alloc(0);
  let patched = false;
  for await (const chunk of chunks) {
    if (patched) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < 10) continue;
    head[8] = GZIP_XFL_BEST;
    head[9] = GZIP_OS_UNIX;
    patched = true;
    yield head;
  }
}

/**
 * @param {string} file path without `.gz`
 * @param {Iterable<Uint8Array>} chunks
 * @param {boolean} gzip
 * @returns {Promise<number>} bytes on disk
 */
async function writeFileFrom(file, chunks, gzip) {
  const target = gzip ? `${file}.gz` : file;
  const source = Readable.from(chunks, { objectMode: true });
  await (gzip
    ? pipeline(source, createGzip({ level: 9 }), withPortableHeader, createWriteStream(target))
    : pipeline(source, createWriteStream(target)));
  return (await stat(target)).size;
}

/**
 * The metadata file of a collection, as mongodump writes it (canonical extended JSON, one line). The
 * uuid, random in MongoDB, comes from the name, so that equal input gives equal files.
 * @param {string} collection
 */
function metadataOf(collection) {
  const digest = createHash('sha256').update(`dump:${collection}`).digest('hex');
  const uuid = `${digest.slice(0, 12)}4${digest.slice(13, 16)}8${digest.slice(17, 32)}`;
  return JSON.stringify({
    indexes: [{ v: { $numberInt: '2' }, key: { _id: { $numberInt: '1' } }, name: '_id_' }],
    uuid,
    collectionName: collection,
    type: 'collection',
  });
}

/**
 * Writes the folder of one database as `mongodump` does: `<collection>.bson` and
 * `<collection>.metadata.json`, each with `.gz` behind it under `gzip`. Existing files of these
 * collections are overwritten; others are left alone.
 * @param {string} dir the database's folder (`<out>/<database>`); made if missing
 * @param {Record<string, readonly import('bson').Document[]>} collections documents by collection;
 *   an empty list gives an empty dump file, as an empty collection does
 * @param {{gzip?: boolean}} [options] gzip defaults to true
 * @returns {Promise<{collection: string, documents: number, bsonBytes: number, fileBytes: number}[]>}
 *   one entry per collection, by name; fileBytes is the size of the data file alone
 * @throws {Error} for a collection name that cannot be a file name
 */
export async function writeDump(dir, collections, { gzip = true } = {}) {
  await mkdir(dir, { recursive: true });
  const written = [];
  for (const collection of Object.keys(collections).sort()) {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(collection)) {
      throw new Error(`Collection name cannot be a file name: ${JSON.stringify(collection)}`);
    }
    const documents = collections[collection] ?? [];
    let bsonBytes = 0;
    const encode = function* () {
      for (const document of documents) {
        const bytes = serialize(document, { ignoreUndefined: true });
        bsonBytes += bytes.length;
        yield bytes;
      }
    };
    const fileBytes = await writeFileFrom(join(dir, `${collection}.bson`), encode(), gzip);
    await writeFileFrom(
      join(dir, `${collection}.metadata.json`),
      [Buffer.from(metadataOf(collection))],
      gzip,
    );
    written.push({ collection, documents: documents.length, bsonBytes, fileBytes });
  }
  return written;
}
