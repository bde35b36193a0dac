import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { type StandIn, startStandIn } from './server.js';
import { databaseUrl, startMongo } from './start.js';

describe('startMongo', () => {
  let folder: string;
  let behind: StandIn;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dbtool-path-'));
    behind = await startStandIn();
  });

  afterEach(async () => {
    await behind.stop();
    await rm(folder, { recursive: true });
  });

  /** Puts a program of the name `mongod` into the folder. */
  async function writeMongod(script: string): Promise<void> {
    const file = path.join(folder, 'mongod');
    await writeFile(file, `#!${process.execPath}\n${script}\n`);
    await chmod(file, 0o755);
  }

  const dataFolders = async (): Promise<string[]> =>
    (await readdir(tmpdir())).filter((name) => name.startsWith('dbtool-mongod-')).sort();

  it('takes the server that is given, and leaves it running', async () => {
    const mongo = await startMongo({ DBTOOL_TEST_MONGO_URL: behind.url, PATH: folder });
    expect(mongo).toMatchObject({ url: behind.url, kind: 'given', version: behind.version });
    expect(mongo.describe).toContain('DBTOOL_TEST_MONGO_URL');
    await mongo.stop();
    const client = await MongoClient.connect(behind.url);
    expect(await client.db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 });
    await client.close();
  });

  it('takes no other when the given one is amiss', async () => {
    await expect(startMongo({ DBTOOL_TEST_MONGO_URL: `${behind.url}/shop` })).rejects.toThrow(
      /without a database/,
    );
  });

  it('starts the mongod on the PATH, and ends it with its data', async () => {
    // Stands for mongod by passing everything on to the stand-in.
    await writeMongod(`
      const net = require('node:net');
      const option = (name) => process.argv[process.argv.indexOf(name) + 1];
      require('node:fs').writeFileSync(option('--dbpath') + '/WiredTiger', 'data');
      net.createServer((from) => {
        const to = net.connect(${new URL(behind.url).port}, '127.0.0.1');
        from.pipe(to).pipe(from);
        for (const socket of [from, to]) socket.on('error', () => { from.destroy(); to.destroy(); });
      }).listen(Number(option('--port')), option('--bind_ip'), () => console.log('Waiting for connections'));`);
    const before = await dataFolders();
    const mongo = await startMongo({ PATH: folder });
    expect(mongo).toMatchObject({ kind: 'mongod', version: behind.version });
    expect(mongo.url).toMatch(/^mongodb:\/\/127\.0\.0\.1:\d+$/);
    expect(mongo.url).not.toBe(behind.url);
    expect(await dataFolders()).toHaveLength(before.length + 1);
    await mongo.stop();
    expect(await dataFolders()).toEqual(before);
    const late = MongoClient.connect(mongo.url, { serverSelectionTimeoutMS: 300 });
    await expect(late).rejects.toThrow(/ECONNREFUSED/);
  });

  it('says why a mongod that is there was not taken', async () => {
    await writeMongod(`console.error('Illegal instruction'); process.exit(4);`);
    const before = await dataFolders();
    const mongo = await startMongo({ PATH: folder });
    // A binary in the cache of mongodb-memory-server comes before the stand-in.
    expect(['memory-server', 'stand-in']).toContain(mongo.kind);
    if (mongo.kind === 'stand-in') {
      expect(mongo.describe).toMatch(/mongod ended with exit code 4: Illegal instruction/);
    }
    await mongo.stop();
    expect(await dataFolders()).toEqual(before);
  });
});

describe('databaseUrl', () => {
  it('puts the database where it belongs', () => {
    expect(databaseUrl('mongodb://127.0.0.1:27017', 'shop')).toBe('mongodb://127.0.0.1:27017/shop');
    expect(databaseUrl('mongodb://a:1,b:2/?replicaSet=r', 'shop')).toBe(
      'mongodb://a:1,b:2/shop?replicaSet=r',
    );
    expect(databaseUrl('mongodb://u:p@h', 'shop')).toBe('mongodb://u:p@h/shop?authSource=admin');
    expect(databaseUrl('mongodb://u:p@h/?authSource=x', 'shop')).toBe('mongodb://u:p@h/shop?authSource=x');
  });
});
