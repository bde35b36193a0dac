import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serialize, type Document } from 'bson';

import { BROKEN, generateDemoData } from '../../scripts/demo-data/generate.mjs';
import { readPlain } from './read-dump.js';

const ROOT = join(import.meta.dirname, '..', '..');
const COMMITTED = join(ROOT, 'fixtures', 'demo-dump', 'genai');
const SCRIPT = join(ROOT, 'scripts', 'demo-data', 'generate.mjs');
const MOST_BYTES = 3_000_000;

const run = promisify(execFile);

function bytesOf(data: Record<string, Document[]>): Buffer {
  return Buffer.concat(Object.values(data).flatMap((documents) => documents.map((one) => serialize(one))));
}

describe('generateDemoData', () => {
  const data = generateDemoData();

  it('has every collection of the platform', () => {
    const fixed = Object.keys(data).filter((name) => !name.startsWith('documents_'));
    expect(fixed.sort()).toEqual([
      'agent_conversations',
      'agents',
      'ai_apps',
      'api_keys',
      'api_servers',
      'api_tools',
      'collections',
      'evaluation_sets',
      'evaluations',
      'jobs',
      'mcp_servers',
      'metrics',
      'models',
      'prompts',
      'providers',
      'rag_tools',
      'retrieval_tools',
      'traces',
    ]);
    const chunkCollections = data.collections!.map(
      (one) => `documents_${String(one._id).replaceAll('-', '_')}`,
    );
    expect(Object.keys(data).filter((name) => name.startsWith('documents_'))).toEqual(chunkCollections);
    expect(Object.values(data).filter((documents) => documents.length === 0)).toEqual([]);
  });

  it('has about as much as an importer is to be shown', () => {
    expect(data.traces).toHaveLength(2004);
    expect(data.agent_conversations).toHaveLength(60);
    expect(data.metrics!.length).toBeGreaterThan(3500);
    expect(data.metrics!.length).toBeLessThan(4500);
    expect(data.models).toHaveLength(16);
  });

  it('gives equal documents for equal options and others for another seed', () => {
    const options = { traces: 60, days: 5 };
    const first = bytesOf(generateDemoData({ ...options, seed: 7 }));
    expect(first.equals(bytesOf(generateDemoData({ ...options, seed: 7 })))).toBe(true);
    expect(first.equals(bytesOf(generateDemoData({ ...options, seed: 8 })))).toBe(false);
  });

  it.each([
    [1, 1],
    [40, 2],
    [500, 90],
  ])('makes %i traces over %i days, all within the window', (traces, days) => {
    const small = generateDemoData({ traces, days, seed: 3 });
    const broken = new Set(BROKEN.map(({ id }) => id));
    const good = small.traces!.filter((trace) => !broken.has(String(trace._id)));
    expect(good).toHaveLength(traces);
    const outside = good.filter((trace) => {
      const [start, end] = [trace.start_time as Date, (trace.end_time ?? trace.start_time) as Date];
      return (
        start.getTime() < Date.UTC(2025, 7, 23) - days * 86_400_000 || end.getTime() >= Date.UTC(2025, 7, 23)
      );
    });
    expect(outside).toEqual([]);
  });

  it('holds each broken document once, between others', () => {
    for (const { collection, id } of BROKEN) {
      const positions = data[collection]!.flatMap((one, index) => (String(one._id) === id ? [index] : []));
      expect(positions).toHaveLength(1);
      expect(positions[0]).toBeGreaterThan(0);
      expect(positions[0]).toBeLessThan(data[collection]!.length - 1);
    }
    expect(BROKEN).toHaveLength(9);
  });
});

describe('the committed dump', () => {
  let dir: string;
  let output: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'demo-dump-'));
    ({ stdout: output } = await run(process.execPath, [SCRIPT, '--out', dir]));
  });

  afterAll(async () => {
    await rm(dir, { recursive: true });
  });

  it('is what the generator writes', async () => {
    const files = (await readdir(COMMITTED)).sort();
    expect((await readdir(join(dir, 'genai'))).sort()).toEqual(files);
    const differing: string[] = [];
    for (const file of files) {
      // Unpacked, for another version of zlib may pack differently.
      const [expected, actual] = [
        await readPlain(join(COMMITTED, file)),
        await readPlain(join(dir, 'genai', file)),
      ];
      if (!expected.equals(actual)) differing.push(file);
    }
    expect(differing).toEqual([]);
  });

  it('is small enough for the repository', async () => {
    const sizes = await Promise.all(
      (await readdir(COMMITTED)).map(async (file) => (await stat(join(COMMITTED, file))).size),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST_BYTES);
  });

  it('comes with a table of counts and sizes', () => {
    const lines = output.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^collection +documents +BSON bytes +gzip bytes$/);
    expect(lines).toContainEqual(expect.stringMatching(/^traces +2004 +\d+ +\d+$/));
    expect(lines.at(-1)).toMatch(/^total +\d+ +\d+ +\d+$/);
  });

  it('has its broken documents listed in the README', async () => {
    const readme = await readFile(join(COMMITTED, '..', 'README.md'), 'utf8');
    const rows = [...readme.matchAll(/^\| `(\w+)` \| `([0-9a-f]{24})` \| (.+?) \|$/gm)];
    expect(rows.map(([, collection, id, reason]) => ({ collection, id, reason }))).toEqual(BROKEN);
  });
});

describe('the command line', () => {
  it.each([
    ['a text for a number', ['--traces', 'many'], '--traces takes a whole number'],
    ['a number out of range', ['--days', '0'], '--days takes a whole number'],
    ['an unknown option', ['--sed', '1'], "Unknown option '--sed'"],
  ])('refuses %s with exit code 2', async (_name, args, message) => {
    await expect(run(process.execPath, [SCRIPT, ...args])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    });
  });

  it('does not mix its files with those of another dump', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'demo-dump-'));
    try {
      await mkdir(join(dir, 'genai'));
      await writeFile(join(dir, 'genai', 'customers.bson'), '');
      await expect(run(process.execPath, [SCRIPT, '--out', dir, '--traces', '1'])).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringContaining('customers.bson'),
      });
      expect(await readdir(join(dir, 'genai'))).toEqual(['customers.bson']);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
