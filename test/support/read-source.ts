import type { Document } from 'bson';
import type { ImportSource, ReadRequest } from '../../src/import/sources/source.js';

/** A document that could not be decoded. */
export interface Undecoded {
  unreadable: string;
  bytes: Uint8Array;
}

/** What a source gives to a request, without the positions. */
export async function readAll(
  source: ImportSource,
  request: ReadRequest,
): Promise<({ document: Document } | Undecoded)[]> {
  const list: ({ document: Document } | Undecoded)[] = [];
  for await (const one of source.read(request))
    list.push(
      'document' in one ? { document: one.document } : { unreadable: one.unreadable, bytes: one.bytes },
    );
  return list;
}
