import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  lstatSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Output } from '../../src/cli/output.js';
import { openOutput } from '../../src/cli/output-target.js';

const out = new Output({ json: false, verbose: false });
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dbtool-output-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('openOutput', () => {
  it('lets the file appear when it is complete, and not before', async () => {
    const path = join(folder, 'r.csv');
    const target = await openOutput(path, out);
    await target.write('a\n');
    expect(existsSync(path)).toBe(false);
    await target.write('b\n');
    await target.end();
    expect(readFileSync(path, 'utf8')).toBe('a\nb\n');
    expect(readdirSync(folder)).toEqual(['r.csv']);
  });

  it('leaves the old file when it is given up', async () => {
    const path = join(folder, 'r.csv');
    writeFileSync(path, 'old');
    const target = await openOutput(path, out);
    await target.write('new');
    await target.abort();
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['r.csv']);
  });

  it('keeps the mode of the old file, and the link to it', async () => {
    const path = join(folder, 'r.csv');
    writeFileSync(path, 'old');
    chmodSync(path, 0o600);
    symlinkSync(path, join(folder, 'link'));
    const target = await openOutput(join(folder, 'link'), out);
    await target.write('new');
    await target.end();
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
  });

  it('writes to a device as it is', async () => {
    const target = await openOutput('/dev/null', out);
    await target.write('x');
    await target.end();
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it.each([
    ['nowhere/r.csv', 'Its folder does not exist.'],
    ['', 'It is a folder.'],
    ['file/r.csv', 'Its folder is no folder but a file.'],
  ])('refuses %j before any work', async (name, why) => {
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'file'), '');
    await expect(openOutput(join(folder, name), out)).rejects.toMatchObject({
      code: 'output.unwritable',
      why,
    });
  });

  it('tells of a full disk, and leaves nothing behind', async () => {
    const full = await openOutput('/dev/full', out);
    await expect(full.write('x'.repeat(100_000))).rejects.toMatchObject({
      code: 'output.failed',
      why: 'The disk is full.',
    });
    const path = join(folder, 'r.csv');
    const target = await openOutput(path, out);
    mkdirSync(path);
    await expect(target.end()).rejects.toMatchObject({ code: 'output.failed' });
    expect(readdirSync(folder)).toEqual(['r.csv']);
  });
});
