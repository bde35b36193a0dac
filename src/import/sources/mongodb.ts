import { ObjectId } from 'bson';
import type { Document, Filter, MongoClient, MongoClientOptions } from 'mongodb';
import { maskUrl, redact, registerSecret } from '../../config/redact.js';
import type { ImportSettings } from '../../config/settings.js';
import { DbtoolError } from '../../errors/dbtool-error.js';
import { BSON_OPTIONS } from './bson-file.js';
import type { ImportSource, SinceFilter, SourceCollection, SourceDocument } from './source.js';

const READ_BATCH = 1000;

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

  async *read(collection: string, since?: SinceFilter): AsyncGenerator<SourceDocument> {
    // Raw bytes, decoded one by one: a document that cannot be decoded must not end the reading.
    const cursor = this.client
      .db(this.database)
      .collection(collection)
      .find(since ? sinceQuery(since) : {}, { batchSize: READ_BATCH, raw: true });
    const { deserialize } = await import('bson');
    try {
      for await (const raw of cursor) {
        const bytes = raw as unknown as Uint8Array;
        yield decode(bytes, (frame) => deserialize(frame, BSON_OPTIONS));
      }
    } catch (error) {
      throw this.explain(error, 'import.source.lost');
    } finally {
      await cursor.close();
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

function decode(bytes: Uint8Array, deserialize: (bytes: Uint8Array) => Document): SourceDocument {
  try {
    return { document: deserialize(bytes) };
  } catch (error) {
    return { unreadable: (error as Error).message, bytes: Uint8Array.from(bytes) };
  }
}

/** The first cursor field that is a date decides; a document without any is read: it may be new. */
function sinceQuery({ cursors, from }: SinceFilter): Filter<Document> {
  const typeOf = (field: string): 'date' | 'objectId' => (field === '_id' ? 'objectId' : 'date');
  const noDate = (field: string): Filter<Document> => ({ [field]: { $not: { $type: typeOf(field) } } });
  if (cursors.length === 0) return {};
  const alternatives = cursors.map((field, index) => ({
    $and: [
      ...cursors.slice(0, index).map(noDate),
      { [field]: { $gte: field === '_id' ? firstIdOf(from) : from } },
    ],
  }));
  return { $or: [...alternatives, { $and: cursors.map(noDate) }] };
}

/** The smallest ObjectId that tells this time; it tells whole seconds. */
function firstIdOf(time: Date): ObjectId {
  const seconds = Math.min(Math.max(Math.floor(time.getTime() / 1000), 0), 0xffff_ffff);
  return ObjectId.createFromHexString(`${seconds.toString(16).padStart(8, '0')}0000000000000000`);
}
