import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../support/cli.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Shown {
  command: string;
  output: string[];
}

/** The commands of the console blocks with what stands below each. */
async function shownInReadme(): Promise<Shown[]> {
  const text = await readFile(join(ROOT, 'README.md'), 'utf8');
  const blocks = [...text.matchAll(/```console\n([^]*?)```/g)].map((match) => match[1] ?? '');
  return blocks.flatMap((block) =>
    block
      .split(/^\$ dbtool /m)
      .slice(1)
      .map((part) => {
        const [command = '', ...output] = part.split('\n');
        return { command, output: output.map(timeless).filter((line) => line !== '') };
      }),
  );
}

/** Times, and names made of times, differ from run to run; so does the width of a column of times. */
function timeless(line: string): string {
  return line
    .replaceAll(/\d+\.\d s$|\(\d+ ms\)/g, 'TIME')
    .replaceAll(/\S*dbtool-rejects-\w+\.ndjson/g, 'REJECTS')
    .replaceAll(/ +TIME$| {2,}─+$/g, '')
    .trimEnd();
}

describe('the tour in the README', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dbtool-readme-'));
    await symlink(join(ROOT, 'fixtures'), join(folder, 'fixtures'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('shows what the commands really print', async () => {
    const shown = await shownInReadme();
    expect(shown.length).toBeGreaterThanOrEqual(4);
    for (const { command, output } of shown) {
      const { stdout, stderr } = await runCli(command.split(' '), { cwd: folder, timeoutMs: 60_000 });
      const printed = `${stdout}\n${stderr}`.split('\n').map(timeless);
      for (const line of output) expect(printed).toContain(line);
    }
  });

  it('names files that are there', async () => {
    const text = await readFile(join(ROOT, 'README.md'), 'utf8');
    const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] ?? '');
    expect(links.length).toBeGreaterThan(8);
    for (const link of links) expect(await readFile(join(ROOT, link), 'utf8')).not.toBe('');
  });
});
