import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Document, MongoClient, MongoClientOptions } from 'mongodb';
import { maskUrl, redact, registerSecret } from '../../config/redact.js';
import type { ImportSettings } from '../../config/settings.js';
import { DbtoolError } from '../../errors/dbtool-error.js';
import { decoded, idOf } from './bson-file.js';
import { behind, type Pass, passById, passesByCursor } from './mongodb-filters.js';
import { type Place, placeOf, placeOfPosition, positionOfPlace } from './mongodb-place.js';
import { cursorsOf } from './selection.js';
import {
  type ImportSource,
  LIVE,
  type RawDocument,
  type ReadRequest,
  type SourceCollection,
  type SourceDocument,
} from './source.js';

const READ_BATCH = 1000;
/** How long to wait before a reading that broke off is taken up again, in ms; as often in a row. */
const PAUSES = [250, 500, 1000, 2000, 4000, 8000];
/** Codes of errors that pass: the server is shutting down, has become another, or has lost a cursor. */
const PASSING = new Set([6, 7, 43, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436, 16500]);
/** Where a collection's indexes cannot be listed: not allowed, no such collection, a view. */
const NO_INDEXES = new Set([13, 26, 166]);

/** The documents of one date that were read, so that none is given twice when a cut connection is taken up. */
class Ties {
  private at: number | undefined;
  private readonly seen = new Set<string>();

  isNew(raw: Uint8Array, at: Date | undefined): boolean {
    if (at?.getTime() !== this.at) this.seen.clear();
    this.at = at?.getTime();
    const hash = createHash('sha256').update(raw).digest('base64');
    if (this.seen.has(hash)) return false;
    this.seen.add(hash);
    return true;
  }
}

/** A live MongoDB server (or one that speaks its protocol). */
export class MongoSource implements ImportSource {
  readonly identity: string;
  readonly display: string;

  private constructor(
    private readonly client: MongoClient,
    private readonly database: string,
    url: URL,
  ) {
    this.display = maskUrl(url.href);
    this.identity = `mongodb://${url.host}/${database}`;
  }

  /**
   * Connects and makes sure that the server answers and lets us in.
   * @throws DbtoolError `config.url.invalid`, `import.source.unreachable`, `import.source.authentication`
   */
  static async open(
    url: string,
    settings: Pick<ImportSettings, 'password' | 'connectTimeout'>,
  ): Promise<MongoSource> {
    const { MongoClient } = await import('mongodb');
    const { parsed, options } = connection(url, settings);
    const database = decodeURIComponent(parsed.pathname.slice(1));
    let client: MongoClient;
    try {
      client = new MongoClient(url, options);
    } catch (error) {
      throw invalidUrl(url, redact((error as Error).message));
    }
    const source = new MongoSource(client, database, parsed);
    try {
      await client.connect();
      await client.db(database).command({ ping: 1 });
    } catch (error) {
      await client.close();
      throw source.explain(error, 'import.source.unreachable');
    }
    return source;
  }

  async collections(): Promise<SourceCollection[]> {
    return this.coded(async () => {
      const infos = await this.client.db(this.database).listCollections({}, { nameOnly: true }).toArray();
      const names = infos.map((info) => info.name).filter((name) => !name.startsWith('system.'));
      return names.sort().map((name) => ({ name }));
    });
  }

  /** A server's documents cannot be looked through beforehand; it tells how many there are. */
  async verify(collections: readonly string[]): Promise<Map<string, number>> {
    return this.coded(async () => {
      const counts = new Map<string, number>();
      for (const name of collections)
        counts.set(name, await this.client.db(this.database).collection(name).estimatedDocumentCount());
      return counts;
    });
  }

  /** A server's documents are what they are: a position is good for as long as the collection is there. */
  fingerprint(): Promise<string> {
    return Promise.resolve(LIVE);
  }

  read(request: ReadRequest): AsyncGenerator<SourceDocument> {
    return decoded(this.readRaw(request));
  }

  /**
   * By `_id`; with `since`, where the cursor fields have an index, by these. A connection that breaks is
   * made anew a few times, and the reading goes on behind the last document that came.
   */
  async *readRaw(request: ReadRequest): AsyncGenerator<RawDocument> {
    const { collection, after } = request;
    let place = after === undefined ? await this.beginning(request) : placeOfPosition(after);
    const passes = place.order === 'cursor' ? passesByCursor(request) : passById(request);
    for (const [index, pass] of passes.entries()) {
      if (index < place.pass) continue;
      if (index > place.pass) place = { pass: index, order: place.order, skip: 0 };
      for await (const read of this.readPass(collection, pass, place, {})) {
        place = read.place;
        yield { bytes: read.raw, position: positionOfPlace(place) };
      }
    }
  }

  async *ids(collection: string): AsyncGenerator {
    const start: Place = { pass: 0, order: 'id', skip: 0 };
    for await (const { raw } of this.readPass(collection, { filter: {} }, start, { _id: 1 })) yield idOf(raw);
  }

  /** Says which cursor fields have no index, where one would spare reading the whole collection. */
  async notices(request: ReadRequest): Promise<string[]> {
    if (!request.since) return [];
    const missing = await this.withoutIndex(request.collection, cursorsOf(request));
    return missing.map(
      (field) =>
        `${request.collection}: the server has no index on ${field}, so it looks at every document for --since.`,
    );
  }

  private async beginning(request: ReadRequest): Promise<Place> {
    const isIndexed =
      request.since !== undefined &&
      (await this.withoutIndex(request.collection, cursorsOf(request))).length === 0;
    return { pass: 0, order: isIndexed ? 'cursor' : 'id', skip: 0 };
  }

  private async withoutIndex(collection: string, fields: readonly string[]): Promise<string[]> {
    return this.coded(async () => {
      const indexed = new Set<string>();
      try {
        for (const index of await this.client.db(this.database).collection(collection).indexes()) {
          const [first] = Object.entries(index.key as Record<string, unknown>);
          if (first && (first[1] === 1 || first[1] === -1) && !index.partialFilterExpression)
            indexed.add(first[0]);
        }
      } catch (error) {
        if (!NO_INDEXES.has(Number((error as { code?: unknown }).code))) throw error;
      }
      return fields.filter((field) => !indexed.has(field));
    });
  }

  private async *readPass(
    collection: string,
    pass: Pass,
    from: Place,
    projection: Document,
  ): AsyncGenerator<{ raw: Uint8Array; place: Place }> {
    let place = from;
    let failures = 0;
    const ties = new Ties();
    for (;;) {
      const { last, skip } = place;
      // Raw bytes, decoded one by one: a document that cannot be decoded must not end the reading.
      const cursor = this.client
        .db(this.database)
        .collection(collection)
        .find(last ? behind(pass, last.id, last.at) : pass.filter, {
          sort: { [pass.cursor ?? '_id']: 1 },
          projection,
          skip,
          batchSize: READ_BATCH,
          raw: true,
        });
      try {
        for await (const one of cursor) {
          const raw = one as unknown as Uint8Array;
          place = placeOf(raw, pass, place);
          failures = 0;
          if (pass.cursor === undefined || ties.isNew(raw, place.last?.at)) yield { raw, place };
        }
        return;
      } catch (error) {
        const pause = PAUSES[failures];
        if (pause === undefined || !isPassing(error)) throw this.explain(error, 'import.source.lost');
        failures += 1;
        await sleep(pause);
      } finally {
        await cursor.close();
      }
    }
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private async coded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.explain(error, 'import.source.lost');
    }
  }

  private explain(error: unknown, otherwise: 'import.source.unreachable' | 'import.source.lost'): unknown {
    if (error instanceof DbtoolError) return error;
    const { code, name, message } = error as { code?: number; name?: string; message: string };
    if (!name?.startsWith('Mongo')) return error;
    if (code === 18 || code === 13 || code === 8000 || /authentication failed/i.test(message)) {
      return new DbtoolError('import.source.authentication', {
        message: `MongoDB at ${this.display} refused the user or the password`,
        why: redact(message),
        fix: 'Check the user in the URL, DBTOOL_IMPORT_PASSWORD or import.passwordFile, and authSource (…?authSource=admin).',
        cause: error,
      });
    }
    return new DbtoolError(otherwise, {
      message:
        otherwise === 'import.source.lost'
          ? `MongoDB at ${this.display} broke off`
          : `MongoDB at ${this.display} cannot be reached`,
      why: redact(message),
      fix:
        otherwise === 'import.source.lost'
          ? 'Whole batches that were read are in; run the same command again, nothing will be doubled.'
          : 'Check host and port, that the server runs, and that a firewall lets you through.',
      cause: error,
    });
  }
}

function connection(
  url: string,
  settings: Pick<ImportSettings, 'password' | 'connectTimeout'>,
): { parsed: URL; options: MongoClientOptions } {
  let parsed: URL;
  try {
    // Several hosts are no URL to Node: the first one stands for all where the URL is taken apart.
    parsed = new URL(url.replace(/^(mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?[^,/?]+)(,[^/?]+)/, '$1'));
  } catch {
    throw invalidUrl(
      url,
      'It is malformed. Characters such as @ / # % : in a user or password must be percent-encoded.',
    );
  }
  if (parsed.pathname.length < 2) throw invalidUrl(url, 'It names no database behind the host.');
  if (parsed.password !== '') registerSecret(decodeURIComponent(parsed.password));
  const options: MongoClientOptions = {
    appName: 'dbtool',
    serverSelectionTimeoutMS: settings.connectTimeout,
    connectTimeoutMS: settings.connectTimeout,
  };
  if (settings.password !== undefined && parsed.username !== '')
    options.auth = { username: decodeURIComponent(parsed.username), password: settings.password };
  return { parsed, options };
}

function invalidUrl(url: string, why: string): DbtoolError {
  return new DbtoolError('config.url.invalid', {
    message: `The source URL "${maskUrl(url)}" cannot be used`,
    why,
    fix: 'Write mongodb://USER@HOST:PORT/DATABASE.',
  });
}

/** Whether what failed may well succeed a moment later. */
function isPassing(error: unknown): boolean {
  const { name, code } = error as { name?: string; code?: unknown };
  if (name?.startsWith('MongoNetwork') || name === 'MongoServerSelectionError') return true;
  return typeof code === 'number' && PASSING.has(code);
}
