import { randomBytes } from 'node:crypto';
import { Long } from 'bson';
import { buildDocument, rawArray, RawValue } from './documents.js';
import { CommandError } from './errors.js';
import type { PlainObject } from './values.js';

const MAX_BATCH_BYTES = 16 * 1024 * 1024;
const DEFAULT_FIRST_BATCH = 101;

interface OpenCursor {
  namespace: string;
  rest: Iterator<Uint8Array>;
  /** The document that did not fit into the last batch, or was read to see whether there is one. */
  ahead: Uint8Array | undefined;
}

/** The open cursors of a server. Each reads a snapshot: later writes do not show in it. */
export class Cursors {
  readonly #open = new Map<string, OpenCursor>();

  get count(): number {
    return this.#open.size;
  }

  /**
   * Answers find and its kin: the first batch, and a cursor if more is to come.
   * @param batchSize most documents in the first batch; 0 opens the cursor and sends nothing
   */
  open(
    namespace: string,
    documents: Iterable<Uint8Array>,
    {
      batchSize = DEFAULT_FIRST_BATCH,
      singleBatch = false,
    }: { batchSize?: number; singleBatch?: boolean } = {},
  ): PlainObject {
    const cursor: OpenCursor = { namespace, rest: documents[Symbol.iterator](), ahead: undefined };
    cursor.ahead = read(cursor.rest);
    const batch = takeBatch(cursor, batchSize);
    let id = Long.ZERO;
    if (cursor.ahead && !singleBatch) {
      id = Long.fromBigInt((randomBytes(8).readBigUInt64LE() >> 1n) | 1n);
      this.#open.set(id.toString(), cursor);
    }
    return { cursor: rawCursor('firstBatch', batch, id, namespace), ok: 1 };
  }

  /** Answers getMore; 43 when the cursor is not (or no longer) there. */
  more(id: unknown, namespace: string, batchSize: number): PlainObject {
    const key = String(id);
    const cursor = this.#open.get(key);
    if (!cursor) throw new CommandError(43, `cursor id ${key} not found`);
    if (cursor.namespace !== namespace) {
      const text = `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`;
      throw new CommandError(13, text);
    }
    const batch = takeBatch(cursor, batchSize === 0 ? Infinity : batchSize);
    if (!cursor.ahead) this.#open.delete(key);
    const next = cursor.ahead ? Long.fromString(key) : Long.ZERO;
    return { cursor: rawCursor('nextBatch', batch, next, namespace), ok: 1 };
  }

  kill(ids: unknown[]): PlainObject {
    const killed = ids.filter((id) => this.#open.delete(String(id)));
    return {
      cursorsKilled: killed,
      cursorsNotFound: ids.filter((id) => !killed.includes(id)),
      cursorsAlive: [],
      cursorsUnknown: [],
      ok: 1,
    };
  }
}

function read(iterator: Iterator<Uint8Array>): Uint8Array | undefined {
  const next = iterator.next();
  return next.done ? undefined : next.value;
}

/** Takes documents up to the batch size and 16 MB; one document at least, however large. */
function takeBatch(cursor: OpenCursor, batchSize: number): Uint8Array[] {
  const batch: Uint8Array[] = [];
  let bytes = 0;
  while (cursor.ahead && batch.length < batchSize) {
    bytes += cursor.ahead.length;
    if (batch.length > 0 && bytes > MAX_BATCH_BYTES) break;
    batch.push(cursor.ahead);
    cursor.ahead = read(cursor.rest);
  }
  return batch;
}

function rawCursor(batchName: string, batch: Uint8Array[], id: Long, ns: string): RawValue {
  return new RawValue(3, buildDocument({ [batchName]: rawArray(batch), id, ns }));
}
