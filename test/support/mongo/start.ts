import { MongoClient } from 'mongodb';
import { findOnPath, startMongod } from './mongod.js';
import { startStandIn } from './server.js';

/** The MongoDB that the tests run against. */
export interface MongoHandle {
  /** Without a database; `databaseUrl` adds one. */
  url: string;
  kind: 'given' | 'mongod' | 'memory-server' | 'stand-in';
  /** The server's own version; the stand-in names the release it follows. */
  version: string;
  /** One line for the run's report. */
  describe: string;
  stop(): Promise<void>;
}

/** The release to ask mongodb-memory-server for, when it has or may fetch one. */
const MEMORY_SERVER_VERSION = '8.0.4';
/** For a start that may include a download of some 100 MB, in ms. */
const MEMORY_SERVER_LIMIT_MS = 120_000;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Starts (or finds) the MongoDB for the tests. The first of these that can be had:
 * 1. the server at `DBTOOL_TEST_MONGO_URL`; if it does not answer, that is an error;
 * 2. a `mongod` on the PATH, with its data in a temporary folder;
 * 3. mongodb-memory-server, if a binary lies in its cache, or with `DBTOOL_TEST_MONGO_DOWNLOAD=1`;
 * 4. the stand-in of `server.ts`.
 * Why 2 or 3 was passed over although it was there is said in `describe`.
 */
export async function startMongo(environment: Environment = process.env): Promise<MongoHandle> {
  const given = environment.DBTOOL_TEST_MONGO_URL;
  if (given) return useGiven(given);
  const passedOver: string[] = [];
  for (const start of [startFromPath, startMemoryServer]) {
    try {
      const handle = await start(environment);
      if (handle) return handle;
    } catch (error) {
      passedOver.push(error instanceof Error ? error.message : String(error));
    }
  }
  const standIn = await startStandIn();
  const why = passedOver.length > 0 ? passedOver.join('; ') : 'no mongod on the PATH and none cached';
  return {
    url: standIn.url,
    kind: 'stand-in',
    version: standIn.version,
    describe: `MongoDB: stand-in in this process, after MongoDB ${standIn.version} (${why})`,
    stop: () => standIn.stop(),
  };
}

/**
 * The URL with a database in its path. Where it has a user, `authSource` stays `admin`, which a path
 * would else replace.
 */
export function databaseUrl(url: string, database: string): string {
  const match = /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?(?:\?(.*))?$/.exec(url);
  if (!match) throw new Error('DBTOOL_TEST_MONGO_URL must be a mongodb:// URL without a database');
  const [, server = '', query] = match;
  const options = query ? query.split('&') : [];
  if (server.includes('@') && !options.some((option) => option.startsWith('authSource='))) {
    options.push('authSource=admin');
  }
  return `${server}/${database}${options.length > 0 ? `?${options.join('&')}` : ''}`;
}

async function useGiven(url: string): Promise<MongoHandle> {
  databaseUrl(url, '');
  const version = await versionOf(url);
  return {
    url,
    kind: 'given',
    version,
    describe: `MongoDB: ${version}, as given by DBTOOL_TEST_MONGO_URL`,
    stop: () => Promise.resolve(),
  };
}

async function startFromPath(environment: Environment): Promise<MongoHandle | null> {
  const binary = await findOnPath('mongod', environment.PATH ?? '');
  if (!binary) return null;
  const mongod = await startMongod(binary);
  try {
    const version = await versionOf(mongod.url);
    return {
      url: mongod.url,
      kind: 'mongod',
      version,
      describe: `MongoDB: ${version}, started from the mongod on the PATH`,
      stop: () => mongod.stop(),
    };
  } catch (error) {
    await mongod.stop();
    throw error;
  }
}

async function startMemoryServer(environment: Environment): Promise<MongoHandle | null> {
  const { DryMongoBinary, MongoMemoryServer } = await import('mongodb-memory-server-core');
  const mayDownload = environment.DBTOOL_TEST_MONGO_DOWNLOAD === '1';
  const options = DryMongoBinary.getEnsuredOptions({ version: MEMORY_SERVER_VERSION });
  const cached = await DryMongoBinary.locateBinary(options);
  if (!cached && !mayDownload) return null;
  const creation = MongoMemoryServer.create({ binary: { version: MEMORY_SERVER_VERSION } });
  const server = await withTimeout(creation, MEMORY_SERVER_LIMIT_MS, 'mongodb-memory-server').catch(
    (error: unknown) => {
      // One that comes too late must not stay behind; its own failure is told by `error` or of no use.
      void creation.then(
        (late) => late.stop(),
        () => undefined,
      );
      throw error;
    },
  );
  return {
    url: server.getUri().replace(/\/$/, ''),
    kind: 'memory-server',
    version: MEMORY_SERVER_VERSION,
    describe: `MongoDB: ${MEMORY_SERVER_VERSION}, started by mongodb-memory-server`,
    stop: async () => {
      await server.stop();
    },
  };
}

/** Asks a server for its version; fails after 10 s without an answer. */
async function versionOf(url: string): Promise<string> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 10_000 });
  try {
    const info = await client.db('admin').command({ buildInfo: 1 });
    return String(info.version);
  } finally {
    await client.close();
  }
}

async function withTimeout<T>(work: Promise<T>, milliseconds: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${what} was not ready after ${milliseconds / 1000} s`));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}
