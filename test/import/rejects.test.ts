import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectId } from 'bson';
import { RejectsFile } from '../../src/import/rejects.js';

describe('RejectsFile', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dbtool-rejects-'));
    file = path.join(folder, 'rejects.ndjson');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('writes complete documents, a line each, for its owner only', async () => {
    const rejects = await RejectsFile.prepare(file);
    const _id = new ObjectId('68a7ffff0000000000000008');
    await Promise.all([
      rejects.add('models', { _id, price_input: 'free' }, ['price_input must be an amount of money']),
      rejects.addUnreadable('models', Uint8Array.of(1, 2, 3), 'Invalid UTF-8'),
    ]);
    await rejects.close();
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        collection: 'models',
        id: { $oid: _id.toHexString() },
        reasons: ['price_input must be an amount of money'],
        document: { _id: { $oid: _id.toHexString() }, price_input: 'free' },
      },
      {
        collection: 'models',
        id: null,
        reasons: ['cannot be decoded: Invalid UTF-8'],
        document: { $bson: 'AQID' },
      },
    ]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(rejects.count).toBe(2);
  });

  it('refuses a file that exists before anything is imported', async () => {
    await writeFile(file, 'older rejects');
    await expect(RejectsFile.prepare(file)).rejects.toMatchObject({
      code: 'import.rejects.unwritable',
      why: expect.stringContaining('exists') as unknown,
    });
  });

  it('leaves a file alone that came to be meanwhile, and still closes', async () => {
    const rejects = await RejectsFile.prepare(file);
    await writeFile(file, "another run's rejects");
    await expect(rejects.add('models', { _id: 1 }, ['why'])).rejects.toMatchObject({
      code: 'import.rejects.unwritable',
    });
    await rejects.close();
    expect(await readFile(file, 'utf8')).toBe("another run's rejects");
  });

  it('refuses a folder that is not there', async () => {
    await expect(RejectsFile.prepare(path.join(folder, 'none', 'r.ndjson'))).rejects.toMatchObject({
      code: 'import.rejects.unwritable',
    });
  });
});
