import { describe, expect, it } from '@jest/globals';
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { newName } from '../../../src/migrate/create/migration-name.js';
import { classTemplate } from '../../../src/migrate/create/templates.js';
import { nameIn, targetFolder, writeMigration } from '../../../src/migrate/create/write-migration.js';
import { loadMigrationClass } from '../../../src/migrate/load-migration.js';
import { caught } from '../../support/caught.js';
import { runCli } from '../../support/cli.js';
import { useTempFolder } from '../../support/temp-folder.js';

const NOW = new Date('2026-01-02T03:04:05.678Z');

describe('the name of a new migration', () => {
  it.each([
    ['add-users', 'add-users', 'AddUsers'],
    ['Add users', 'add-users', 'AddUsers'],
    ['add_users__2', 'add-users-2', 'AddUsers2'],
    ['AddUsersTable', 'add-users-table', 'AddUsersTable'],
    ['  x ', 'x', 'X'],
    ['2fa', '2fa', 'Migration2fa'],
  ])('made of %j', (given, words, className) => {
    expect(newName(given, NOW, [])).toEqual({
      name: `20260102030405-${words}`,
      words,
      className: `${className}20260102030405`,
    });
  });

  it.each(['', ' ', '-', '../up', 'a/b', 'a.b', 'añadir', 'a\n', 'x'.repeat(181)])(
    'is not %j',
    async (given) => {
      expect((await caught(() => newName(given, NOW, []))).code).toBe('usage.argument.invalid');
    },
  );

  it.each([
    [['20250101000000-old'], '20260102030405'],
    [['20260102030405-now', '20250101000000-old'], '20260102030406'],
    [['20301231235959-later'], '20310101000000'],
    [['99999999999999-never', 'README', '0001_first'], '20260102030405'],
  ])('is newer than %j', (existing, time) => {
    expect(newName('x', NOW, existing).name).toBe(`${time}-x`);
  });
});

describe('a new migration', () => {
  const folder = useTempFolder();

  it('is refused when there is one of that name', async () => {
    await folder.write('20250101000000-add-users.postgres.sql', '');
    const error = await caught(() => nameIn(folder.path, 'add users', NOW));
    expect(error.code).toBe('migrate.name.taken');
    expect(error.why).toContain('20250101000000-add-users');
    expect((await nameIn(folder.path, 'users', NOW)).words).toBe('users');
  });

  it('goes into folders that are not there yet, and over nothing', async () => {
    const deep = path.join(folder.path, 'a/b');
    expect((await nameIn(deep, 'x', NOW)).words).toBe('x');
    const file = await writeMigration(deep, 'x.sql', 'one');
    expect((await caught(() => writeMigration(deep, 'x.sql', 'two'))).code).toBe('output.unwritable');
    expect(await readFile(file, 'utf8')).toBe('one');
  });

  it('is refused where nothing can be written', async () => {
    const file = await folder.write('file', '');
    expect((await caught(() => writeMigration(file, 'x.sql', ''))).code).toBe('output.unwritable');
    expect((await caught(() => nameIn(file, 'x', NOW))).code).toBe('output.unwritable');
    if (process.getuid?.() === 0) return;
    const closed = path.join(folder.path, 'closed');
    await mkdir(closed);
    await chmod(closed, 0o500);
    expect((await caught(() => writeMigration(closed, 'x.sql', ''))).code).toBe('output.unwritable');
  });

  it('goes to the folder given, or to the last of the settings that is not dbtool’s own', async () => {
    expect(targetFolder('a', ['b'])).toBe(path.resolve('a'));
    expect(targetFolder(undefined, ['builtin', 'b', 'c', 'builtin'])).toBe(path.resolve('c'));
    expect((await caught(() => targetFolder(undefined, ['builtin']))).code).toBe('migrate.folder.missing');
  });

  it('is a class that loads', async () => {
    const file = await folder.write('x.ts', classTemplate('AddUsers1', false));
    expect((await loadMigrationClass(file)).className).toBe('AddUsers1');
  });
});

describe('dbtool migrate create', () => {
  const folder = useTempFolder();

  it('writes a class, or SQL, and prints where', async () => {
    const run = (...args: string[]) => runCli(['migrate', 'create', ...args], { cwd: folder.path });
    const made = await run('add-users', '--folder', 'own');
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toMatch(/\/own\/\d{14}-add-users\.ts\n$/);
    expect((await loadMigrationClass(made.stdout.trim())).className).toMatch(/^AddUsers\d{14}$/);

    const sql = await run(
      'AddRoles',
      '--folder',
      'own',
      '--sql',
      '--for',
      'postgres',
      '--for',
      'sqlite',
      '--json',
    );
    const { name, paths } = (JSON.parse(sql.stdout) as { data: { name: string; paths: string[] } }).data;
    expect(paths.map((file) => path.basename(file))).toEqual([`${name}.postgres.sql`, `${name}.sqlite.sql`]);
    expect(await readFile(paths[0]!, 'utf8')).toMatch(/^-- migrate:up\n[^]*^-- migrate:down\n/m);
    expect((await run('plain', '--folder', 'own', '--sql')).stdout).toMatch(/-plain\.sql\n$/);

    for (const [args, code] of [
      [['add-users', '--folder', 'own'], 'migrate.name.taken'],
      [['../x', '--folder', 'own'], 'usage.argument.invalid'],
      [['x'], 'migrate.folder.missing'],
      [['x', '--for', 'postgres', '--folder', 'own'], 'usage.flag.missing'],
    ] as const)
      expect(await run(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(code) as unknown });
    expect(await readdir(path.join(folder.path, 'own'))).toHaveLength(4);
  });
});
