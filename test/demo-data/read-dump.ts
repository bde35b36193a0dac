import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';

import { deserialize, type DeserializeOptions, type Document } from 'bson';

/** The bytes of a file as they were before compression, if its name says that it was compressed. */
export async function readPlain(file: string): Promise<Buffer> {
  const bytes = await readFile(file);
  return file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** The documents of a `.bson` or `.bson.gz` file, in order. */
export async function readDocuments(file: string, options: DeserializeOptions = {}): Promise<Document[]> {
  const bytes = await readPlain(file);
  const documents: Document[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const size = bytes.readInt32LE(offset);
    documents.push(deserialize(bytes.subarray(offset, offset + size), options));
    offset += size;
  }
  return documents;
}
