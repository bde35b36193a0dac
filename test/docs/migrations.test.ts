import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { HISTORY_COLUMNS } from '../../src/migrate/history.js';
import { runCli } from '../support/cli.js';
import {
  createTestDatabase,
  type DatabaseKind,
  forEachDatabase,
  type TestDatabase,
} from '../support/databases.js';
import { open } from '../support/open-database.js';

const PAGE = readFileSync(new URL('../../docs/migrations.md', import.meta.url), 'utf8');
/** Where the page says that it is. */
const SHOWN_FOLDER = '/srv/notes';

interface Step {
  kind: 'file' | 'run' | 'sql' | 'shown';
  /** Path of a file, a command without `dbtool`, or SQL. */
  what: string;
  /** The file's text, or the lines that the command should print. */
  text: string;
}

interface Story {
  name: string;
  databases: string[];
  steps: Step[];
}

/**
 * The page tells stories: `<!-- story: NAME, on DATABASE, … -->` begins one in an empty folder on an empty
 * database, `<!-- file: PATH -->` writes the block that follows, `<!-- run: COMMAND -->` and `<!-- sql: … -->` do
 * what is not worth showing, and blocks of `console` are run and have to print what they show.
 */
function stories(): Story[] {
  const found: Story[] = [];
  let path: string | undefined;
  const part = /<!-- (story|file|run|sql): ([^]*?) -->|^```(\w*)\n([^]*?)^```/gm;
  for (const [, directive, value = '', language, block = ''] of PAGE.matchAll(part)) {
    const steps = found.at(-1)?.steps ?? [];
    if (directive === 'story') {
      const [name = '', ...databases] = value.split(/, (?:on )?/);
      found.push({ name, databases, steps: [] });
    } else if (directive === 'file') path = value;
    else if (directive === 'run') steps.push({ kind: 'run', what: value.replace(/^dbtool /, ''), text: '' });
    else if (directive === 'sql') steps.push({ kind: 'sql', what: value, text: '' });
    else if (language === 'console') steps.push(...shown(block));
    else if (path !== undefined) {
      steps.push({ kind: 'file', what: path, text: block });
      path = undefined;
    }
  }
  return found;
}

function shown(block: string): Step[] {
  return block
    .split(/^\$ dbtool /m)
    .slice(1)
    .map((part) => {
      const [what = '', ...lines] = part.split('\n');
      return { kind: 'shown', what, text: lines.join('\n') };
    });
}

/** Without what differs from run to run: times, persons, widths of columns. */
function lasting(line: string): string {
  return line
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/\(\d+ ms\)/g, 'DURATION')
    .replaceAll(/\b\d+\.\d+\.\d+\b/g, 'VERSION')
    .replaceAll(/\S+@\S+(\s+\d+(?=\s+\d+\s+VERSION))?/g, 'WHO')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map(lasting)
    .filter((line) => line !== '');

class Stage {
  constructor(
    private readonly folder: string,
    private readonly database: TestDatabase,
  ) {}

  async play({ kind, what, text }: Step): Promise<void> {
    if (kind === 'file') {
      const file = join(this.folder, what);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    } else if (kind === 'sql') {
      await open(this.database, ({ dataSource }) => dataSource.query(what));
    } else {
      const printed = await this.dbtool(what);
      for (const line of linesOf(text)) expect(printed).toContain(line);
    }
  }

  private async dbtool(command: string): Promise<string[]> {
    const { stdout, stderr } = await runCli(command.split(' '), {
      cwd: this.folder,
      env: { DBTOOL_DATABASE_URL: this.database.url },
      timeoutMs: 60_000,
    });
    return linesOf(`${stdout}\n${stderr}`.replaceAll(this.folder, SHOWN_FOLDER));
  }
}

describe('docs/migrations.md', () => {
  it('tells stories', () => {
    expect(stories().map(({ name }) => name)).toEqual(
      expect.arrayContaining(['first', 'classes', 'repair', 'order', 'orphans', 'baseline']),
    );
  });

  for (const { name, databases, steps } of stories()) {
    forEachDatabase(
      `the story "${name}"`,
      (kind) => {
        it('goes as it is told', async () => {
          const folder = await mkdtemp(join(tmpdir(), 'dbtool-story-'));
          const database = await createTestDatabase(kind);
          try {
            const stage = new Stage(folder, database);
            expect(steps.filter((step) => step.kind === 'shown').length).toBeGreaterThan(0);
            for (const step of steps) await stage.play(step);
          } finally {
            await database.drop();
            await rm(folder, { recursive: true });
          }
        }, 120_000);
      },
      { only: databases as DatabaseKind[] },
    );
  }

  it('describes every column of the history, and no other', () => {
    const [, table = ''] = /\n## The history\n[^]*?(\n\|[^]*?\n)\n/.exec(PAGE) ?? [];
    const described = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, column]) => column);
    expect(described).toEqual(HISTORY_COLUMNS.map((column) => column.name));
  });
});
