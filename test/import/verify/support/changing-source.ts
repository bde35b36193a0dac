import { type Document, serialize } from 'bson';
import { selector } from '../../../../src/import/sources/selection.js';
import { type ImportSource, LIVE, type ReadRequest } from '../../../../src/import/sources/source.js';

/** A source in memory, whose documents a test can change between readings. */
export interface ChangingSource extends ImportSource {
  documents: Record<string, Document[]>;
  /** What was asked for, in order. */
  requests: ReadRequest[];
  /** Called before each reading, with how many there were before. */
  onRead: (reading: number, request: ReadRequest) => Promise<void> | void;
}

/** @param identity by default that of a live server */
export function changingSource(
  documents: Record<string, Document[]>,
  identity = 'mongodb://host/genai',
): ChangingSource {
  const source: ChangingSource = {
    documents,
    identity,
    display: identity,
    requests: [],
    onRead: () => undefined,
    collections: () => Promise.resolve(Object.keys(source.documents).map((name) => ({ name }))),
    verify: () => Promise.resolve(new Map()),
    fingerprint: () => Promise.resolve(identity.startsWith('mongodb:') ? LIVE : 'a file'),
    async *read(request) {
      source.requests.push(request);
      await source.onRead(source.requests.length - 1, request);
      const wanted = await selector(request);
      for (const document of source.documents[request.collection] ?? [])
        if (wanted(document)) yield { document, position: '' };
    },
    async *readRaw(request) {
      for await (const read of source.read(request))
        if ('document' in read) yield { ...read, bytes: serialize(read.document) };
    },
    async *ids(collection) {
      for await (const read of source.read({ collection }))
        if ('document' in read) yield read.document['_id'];
    },
    close: () => Promise.resolve(),
  };
  return source;
}
