import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deserialize, Long } from 'bson';
import { type Document, MongoClient, MongoNetworkError, MongoServerError } from 'mongodb';
import { loadDocuments } from './load.js';
import { type StandIn, startStandIn } from './server.js';
import { frameCommand, MessageReader } from './wire.js';

/** What only the stand-in has: its hooks, its log, its users, its end. */
describe('the MongoDB stand-in', () => {
  let standIn: StandIn;
  let client: MongoClient;

  beforeEach(async () => {
    standIn = await startStandIn();
    client = new MongoClient(standIn.url);
  });

  afterEach(async () => {
    await client.close();
    await standIn.stop();
  });

  const numbered = (count: number): Document[] => Array.from({ length: count }, (_, n) => ({ _id: n }));
  const namesOf = (name: string) => standIn.commands.filter((command) => command.name === name);

  it('logs what it was asked', async () => {
    await loadDocuments(standIn.url, 'shop', { things: numbered(30) });
    const cursor = client
      .db('shop')
      .collection('things')
      .find({}, { sort: { _id: -1 }, batchSize: 20 });
    expect(await cursor.toArray()).toHaveLength(30);
    const [find] = namesOf('find');
    expect(find).toMatchObject({ database: 'shop', collection: 'things', batchSize: 20, filter: {} });
    expect(Object.keys(find?.sort ?? {})).toEqual(['_id']);
    expect(namesOf('getMore')).toHaveLength(1);
    expect(namesOf('getMore')[0]).toMatchObject({ collection: 'things', batchSize: 20 });
  });

  it('sends no more than 16 MB at once, and one document at least', async () => {
    const large = Array.from({ length: 5 }, (_, n) => ({ _id: n, text: 'x'.repeat(7_000_000) }));
    await loadDocuments(standIn.url, 'shop', { large });
    const read = await client.db('shop').collection('large').find().toArray();
    expect(read.map(({ _id: id }) => id as unknown)).toEqual([0, 1, 2, 3, 4]);
    // Two of 7 MB to a batch.
    expect(namesOf('getMore')).toHaveLength(2);
  });

  it('breaks a connection off in the middle of a read', async () => {
    await loadDocuments(standIn.url, 'shop', { things: numbered(100) });
    standIn.failNext({ command: 'getMore', after: 2, how: 'close' });
    const seen: unknown[] = [];
    const read = async (): Promise<void> => {
      const cursor = client.db('shop').collection('things').find({}, { batchSize: 10 });
      for await (const document of cursor) seen.push(document._id);
    };
    await expect(read()).rejects.toBeInstanceOf(MongoNetworkError);
    expect(seen).toHaveLength(30);
    // The fault is spent: the next read goes through.
    expect(await client.db('shop').collection('things').find({}, { batchSize: 10 }).toArray()).toHaveLength(
      100,
    );
  });

  it('answers with an error that was ordered', async () => {
    await loadDocuments(standIn.url, 'shop', { things: numbered(100) });
    standIn.failNext({ command: 'getMore', how: 'error', code: 43, message: 'cursor id 1 not found' });
    const read = client.db('shop').collection('things').find({}, { batchSize: 10 }).toArray();
    await expect(read).rejects.toMatchObject({ code: 43, codeName: 'CursorNotFound' });
  });

  it('lets the driver try a read once more, and fails it when that fails too', async () => {
    await loadDocuments(standIn.url, 'shop', { things: numbered(3) });
    const things = client.db('shop').collection('things');
    standIn.failNext({ command: 'find', how: 'close' });
    expect(await things.find().toArray()).toHaveLength(3);
    standIn.failNext({ command: 'find', how: 'close', times: 2 });
    await expect(things.find().toArray()).rejects.toBeInstanceOf(MongoNetworkError);
  });

  it('keeps silent when told, so that a client meets its own time limit', async () => {
    const impatient = new MongoClient(standIn.url, { socketTimeoutMS: 200, retryReads: false });
    standIn.failNext({ command: 'find', how: 'silence' });
    await expect(impatient.db('shop').collection('things').find().toArray()).rejects.toThrow(/timed out/);
    await impatient.close();
  });

  it('holds answers back', async () => {
    await client.db('shop').command({ ping: 1 });
    standIn.delayReplies(120);
    const begin = performance.now();
    await client.db('shop').command({ ping: 1 });
    expect(performance.now() - begin).toBeGreaterThanOrEqual(115);
    standIn.delayReplies(0);
  });

  it('stops with connections and cursors open', async () => {
    await loadDocuments(standIn.url, 'shop', { things: numbered(100) });
    const reader = new MongoClient(standIn.url, { serverSelectionTimeoutMS: 300 });
    const cursor = reader.db('shop').collection('things').find({}, { batchSize: 10 });
    await cursor.next();
    expect(standIn.openConnections).toBeGreaterThan(0);
    await standIn.stop();
    expect(standIn.openConnections).toBe(0);
    await expect(cursor.toArray()).rejects.toBeInstanceOf(Error);
    await reader.close();
    const late = MongoClient.connect(standIn.url, { serverSelectionTimeoutMS: 300 });
    await expect(late).rejects.toThrow(/ECONNREFUSED/);
  });

  it('forgets a cursor that the client leaves', async () => {
    await loadDocuments(standIn.url, 'shop', { things: numbered(100) });
    for await (const document of client.db('shop').collection('things').find({}, { batchSize: 10 })) {
      expect(standIn.openCursors).toBe(1);
      if (document._id as unknown) break;
    }
    expect(namesOf('killCursors')).toHaveLength(1);
    expect(standIn.openCursors).toBe(0);
  });

  it('takes unacknowledged writes without an answer', async () => {
    const things = client.db('shop').collection<{ _id: number }>('things', { writeConcern: { w: 0 } });
    await things.insertOne({ _id: 1 });
    while (namesOf('insert').length === 0) await new Promise(setImmediate);
    expect(await things.countDocuments()).toBe(1);
  });

  it('refuses by name what it does not do', async () => {
    const things = client.db('shop').collection('things');
    const refusals: (() => Promise<unknown>)[] = [
      () => things.find({}, { collation: { locale: 'de' } }).toArray(),
      () => things.find({ $where: 'true' }).toArray(),
      () => client.db('shop').createIndex('things', { a: 1 }, { unique: true }),
      () => things.aggregate([{ $indexStats: {} }]).toArray(),
      () => things.updateOne({}, [{ $set: { a: 1 } }]),
      () => client.db('shop').createCollection('view', { viewOn: 'things' }),
    ];
    for (const refused of refusals) {
      await expect(refused()).rejects.toMatchObject({ code: 238 });
    }
  });

  describe('on the wire', () => {
    /** Sends bytes and gives what came back: the first answer's document, or null for a closed line. */
    async function talk(bytes: Buffer): Promise<Document | null> {
      const socket = connect(Number(new URL(standIn.url).port), '127.0.0.1');
      await once(socket, 'connect');
      const reader = new MessageReader();
      const answer = new Promise<Document | null>((resolve) => {
        socket.on('data', (chunk) => {
          const [message] = reader.push(chunk);
          if (message) resolve(deserialize(message.subarray(21)));
        });
        socket.on('close', () => {
          resolve(null);
        });
      });
      // In two pieces, the first one shorter than a header.
      socket.write(bytes.subarray(0, 7));
      socket.write(bytes.subarray(7));
      const found = await answer;
      socket.destroy();
      return found;
    }

    const ping = { ping: 1, $db: 'admin' };

    it('takes a message with a checksum, and closes on a wrong one', async () => {
      const message = frameCommand(7, ping, true);
      expect(await talk(message)).toEqual({ ok: 1 });
      message.writeUInt32LE((message.readUInt32LE(message.length - 4) ^ 1) >>> 0, message.length - 4);
      expect(await talk(message)).toBeNull();
    });

    it('closes on a required flag it does not know, and ignores an optional one', async () => {
      const withFlags = (flags: number): Buffer => {
        const message = frameCommand(7, ping, false);
        message.writeUInt32LE(flags, 16);
        return message;
      };
      expect(await talk(withFlags(1 << 16))).toEqual({ ok: 1 });
      expect(await talk(withFlags(1 << 5))).toBeNull();
    });

    it('closes on nonsense and on an opcode it does not speak', async () => {
      expect(await talk(Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'))).toBeNull();
      const compressed = frameCommand(7, ping, false);
      compressed.writeInt32LE(2012, 12);
      expect(await talk(compressed)).toBeNull();
    });

    it('closes on a document that runs over its message', async () => {
      const message = frameCommand(7, ping, false);
      message.writeInt32LE(100_000, 21);
      expect(await talk(message)).toBeNull();
    });

    it('names a cursor that is not there', async () => {
      const command = { getMore: Long.fromNumber(99), collection: 'things', $db: 'shop' };
      expect(await talk(frameCommand(7, command, false))).toMatchObject({
        ok: 0,
        code: 43,
        codeName: 'CursorNotFound',
      });
    });
  });

  describe('with users', () => {
    let guarded: StandIn;
    const users = [
      { user: 'reader', password: 'pa=ss,wörd' },
      { user: 'other', password: 'x' },
    ];

    beforeEach(async () => {
      guarded = await startStandIn({ users });
    });

    afterEach(async () => {
      await guarded.stop();
    });

    /** Connects, asks for a collection and tells how that ended. */
    async function attempt(
      auth?: { username: string; password: string },
      mechanism?: 'SCRAM-SHA-256',
    ): Promise<unknown> {
      const guest = new MongoClient(guarded.url, {
        ...(auth ? { auth } : {}),
        ...(mechanism ? { authMechanism: mechanism } : {}),
        serverSelectionTimeoutMS: 2000,
      });
      try {
        return await guest.db('shop').collection('things').countDocuments();
      } catch (error) {
        return error;
      } finally {
        await guest.close();
      }
    }

    it('lets in who knows the password, by the default and by the named mechanism', async () => {
      const auth = { username: 'reader', password: 'pa=ss,wörd' };
      expect(await attempt(auth)).toBe(0);
      expect(await attempt(auth, 'SCRAM-SHA-256')).toBe(0);
    });

    it('refuses a wrong password and an unknown user alike, with code 18', async () => {
      for (const username of ['reader', 'nobody']) {
        const error = await attempt({ username, password: 'wrong' }, 'SCRAM-SHA-256');
        expect(error).toBeInstanceOf(MongoServerError);
        expect(error).toMatchObject({
          code: 18,
          codeName: 'AuthenticationFailed',
          message: 'Authentication failed.',
        });
      }
    });

    it('asks for authentication with code 13, but not for a ping', async () => {
      expect(await attempt()).toMatchObject({ code: 13, codeName: 'Unauthorized' });
      const guest = new MongoClient(guarded.url);
      expect(await guest.db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 });
      await guest.close();
    });

    it('says who is logged in', async () => {
      const url = guarded.url.replace('://', '://other:x@');
      const guest = await MongoClient.connect(url);
      const status = await guest.db('admin').command({ connectionStatus: 1 });
      expect(status.authInfo).toMatchObject({ authenticatedUsers: [{ user: 'other', db: 'admin' }] });
      await guest.close();
    });
  });
});
