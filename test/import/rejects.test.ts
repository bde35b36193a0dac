import { describe, expect, it } from '@jest/globals';
import { type Document, EJSON, ObjectId } from 'bson';
import fc from 'fast-check';
import { chmod, readdir, readFile, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson } from '../../src/import/plain-json.js';
import { type Reject, RejectsFile } from '../../src/import/rejects.js';
import { bsonValue } from '../support/bson-values.js';
import { campaign } from '../support/campaign.js';
import { caught } from '../support/caught.js';
import { useTempFolder } from '../support/temp-folder.js';

const folder = useTempFolder();
const at = (name: string): string => path.join(folder.path, name);

async function linesOf(file: string): Promise<Reject[]> {
  const text = await readFile(file, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as Reject);
}

const MISSING = { path: '_id', rule: 'missing', reason: '_id is missing' } as const;
const REASONS = [
  { path: 'spans[1].name', rule: 'too-long', reason: 'spans[1].name is too long' },
  { path: null, rule: 'refused', reason: 'the database refuses it' },
] as const;

describe('RejectsFile', () => {
  it('is not made while nothing is rejected', async () => {
    const rejects = await RejectsFile.prepare(at('r.ndjson'));
    await rejects.close();
    expect(await readdir(folder.path)).toEqual([]);
    expect(rejects.count).toBe(0);
  });

  it('holds a JSON object a line: collection, id, reasons and the whole document', async () => {
    const rejects = await RejectsFile.prepare(at('r.ndjson'));
    const id = new ObjectId('65cd6db93a8d335865cd6db9');
    await rejects.add('traces', { _id: id, name: 'a\nb', n: 5 }, REASONS);
    await rejects.add('models', { name: 'without id' }, [MISSING]);
    await rejects.addUnreadable('models', Uint8Array.from([1, 2, 255]), 'bad bytes');
    await rejects.close();
    expect(await linesOf(at('r.ndjson'))).toEqual([
      {
        collection: 'traces',
        id: { $oid: id.toHexString() },
        reasons: REASONS,
        document: { _id: { $oid: id.toHexString() }, name: 'a\nb', n: { $numberInt: '5' } },
      },
      { collection: 'models', id: null, reasons: [MISSING], document: { name: 'without id' } },
      {
        collection: 'models',
        id: null,
        reasons: [{ path: null, rule: 'undecodable', reason: 'cannot be decoded: bad bytes' }],
        document: { $bson: 'AQL/' },
      },
    ]);
    expect(rejects.count).toBe(3);
  });

  it('can be read by its owner only', async () => {
    const rejects = await RejectsFile.prepare(at('r.ndjson'));
    await rejects.add('traces', { _id: 1 }, []);
    await rejects.close();
    expect((await stat(at('r.ndjson'))).mode & 0o777).toBe(0o600);
  });

  it('gives back every document, whatever is in it', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(bsonValue, { minLength: 1, maxLength: 4 }), async (values) => {
        const file = at(`r${String((run += 1))}.ndjson`);
        const documents: Document[] = values.map((value, index) => ({ _id: index, value, _bsontype: 'x' }));
        const rejects = await RejectsFile.prepare(file);
        for (const document of documents) await rejects.add('traces', document, [MISSING]);
        await rejects.close();
        const read = (await linesOf(file)).map(({ document }) => document);
        expect(JSON.stringify(read)).toBe(JSON.stringify(documents.map(canonicalJson)));
      }),
      { numRuns: campaign(300) },
    );
  });

  it('holds documents that a MongoDB tool takes again', async () => {
    const rejects = await RejectsFile.prepare(at('r.ndjson'));
    const document = { _id: new ObjectId(), at: new Date(5), list: [1, 0.5] };
    await rejects.add('traces', document, []);
    await rejects.close();
    const [line] = await linesOf(at('r.ndjson'));
    expect(EJSON.parse(JSON.stringify(line?.document))).toEqual(document);
  });

  it('writes whole lines, in order, though many are added at once', async () => {
    const rejects = await RejectsFile.prepare(at('r.ndjson'));
    const ids = [...Array(200).keys()];
    await Promise.all(ids.map((_id) => rejects.add('traces', { _id, text: 'x'.repeat(5000) }, [])));
    await rejects.close();
    expect((await linesOf(at('r.ndjson'))).map(({ id }) => id)).toEqual(
      ids.map((id) => ({ $numberInt: String(id) })),
    );
    expect(rejects.count).toBe(200);
  });
});

describe('a file that is there already', () => {
  it('is refused before anything is imported, and left as it is', async () => {
    const file = await folder.write('r.ndjson', 'older rejects\n');
    const error = await caught(() => RejectsFile.prepare(file));
    expect(error.code).toBe('import.rejects.unwritable');
    expect(error.why).toContain('exists');
    expect(error.fix).toContain('--rejects');
    expect(await readFile(file, 'utf8')).toBe('older rejects\n');
  });

  it('is left as it is when it appeared meanwhile; closing then hides nothing', async () => {
    const rejects = await RejectsFile.prepare(at('r.ndjson'));
    const file = await folder.write('r.ndjson', 'older rejects\n');
    for (const attempt of [1, 2]) {
      const error = await caught(() => rejects.add('traces', { _id: attempt }, []));
      expect(error.code).toBe('import.rejects.unwritable');
      expect(error.why).toContain('exists');
    }
    await rejects.close();
    expect(await readFile(file, 'utf8')).toBe('older rejects\n');
    expect(rejects.count).toBe(0);
  });

  it('is not followed when it is a link that leads nowhere', async () => {
    await symlink(at('elsewhere'), at('r.ndjson'));
    const rejects = await RejectsFile.prepare(at('r.ndjson'));
    const error = await caught(() => rejects.add('traces', { _id: 1 }, []));
    expect(error.code).toBe('import.rejects.unwritable');
    await rejects.close();
    expect(await readdir(folder.path)).toEqual(['r.ndjson']);
  });
});

describe('a place that cannot be written to', () => {
  it('is refused before anything is imported: no such folder', async () => {
    const error = await caught(() => RejectsFile.prepare(at('missing/r.ndjson')));
    expect(error.code).toBe('import.rejects.unwritable');
    expect(error.message).toContain(at('missing/r.ndjson'));
  });

  it('is refused before anything is imported: no permission', async () => {
    await folder.write('closed/x', '');
    await chmod(at('closed'), 0o500);
    const prepared = RejectsFile.prepare(at('closed/r.ndjson'));
    // Nothing is closed to root.
    if (process.getuid?.() === 0) await expect(prepared).resolves.toBeInstanceOf(RejectsFile);
    else expect((await caught(() => prepared)).code).toBe('import.rejects.unwritable');
    await chmod(at('closed'), 0o700);
  });
});
