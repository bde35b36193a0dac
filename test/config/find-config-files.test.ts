import { describe, expect, it } from '@jest/globals';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { findConfigFiles } from '../../src/config/find-config-files.js';
import { caught } from '../support/caught.js';
import { useTempFolder } from '../support/temp-folder.js';

const folder = useTempFolder();
const at = (...parts: string[]): string => path.join(folder.path, ...parts);
const find = (env: Record<string, string> = {}, configFile?: string): Promise<string[]> =>
  findConfigFiles({ cwd: at('work'), env: { HOME: at('home'), ...env }, configFile });

describe('findConfigFiles', () => {
  it('finds nothing where there is nothing', async () => {
    expect(await find()).toEqual([]);
    expect(await findConfigFiles({ cwd: at('work'), env: {} })).toEqual([]);
  });

  it.each(['json', 'yaml', 'yml'])('finds the user file, then the project file (%s)', async (ending) => {
    const user = await folder.write(`home/.config/dbtool/config.${ending}`, '');
    const project = await folder.write(`work/dbtool.config.${ending}`, '');
    expect(await find()).toEqual([user, project]);
  });

  it('looks for the user file under XDG_CONFIG_HOME, and under USERPROFILE where there is no HOME', async () => {
    await folder.write('home/.config/dbtool/config.json', '');
    const user = await folder.write('xdg/dbtool/config.json', '');
    expect(await find({ XDG_CONFIG_HOME: at('xdg') })).toEqual([user]);
    expect(await findConfigFiles({ cwd: at('work'), env: { USERPROFILE: at('home') } })).toEqual([
      at('home/.config/dbtool/config.json'),
    ]);
    // Empty means "not set".
    expect(await find({ XDG_CONFIG_HOME: '' })).toEqual([at('home/.config/dbtool/config.json')]);
  });

  it('does not look into parent folders', async () => {
    await folder.write('dbtool.config.json', '');
    expect(await find()).toEqual([]);
  });

  it('takes the file that --config names instead of the project file', async () => {
    await folder.write('work/dbtool.config.json', '');
    const other = await folder.write('work/other.json', '');
    const user = await folder.write('home/.config/dbtool/config.json', '');
    expect(await find({}, 'other.json')).toEqual([user, other]);
    expect(await find({}, other)).toEqual([user, other]);
    expect(await find({ DBTOOL_CONFIG: 'other.json' })).toEqual([user, other]);
    expect(await find({ DBTOOL_CONFIG: 'missing.json' }, 'other.json')).toEqual([user, other]);
    expect(await find({ DBTOOL_CONFIG: '' })).toEqual([user, at('work/dbtool.config.json')]);
  });

  it.each([
    ['--config', {}, 'missing.json'],
    ['DBTOOL_CONFIG', { DBTOOL_CONFIG: 'missing.json' }, undefined],
  ])('refuses a file named by %s that is not there', async (_, env, configFile) => {
    const error = await caught(() => find(env, configFile));
    expect(error.code).toBe('config.unreadable');
    expect(error.message).toContain(at('work/missing.json'));
  });

  it.each([
    ['work/dbtool.config', 'json', 'yaml'],
    ['work/dbtool.config', 'yaml', 'yml'],
    ['home/.config/dbtool/config', 'json', 'yml'],
  ])('refuses two files side by side: %s.%s and .%s', async (name, first, second) => {
    const files = [await folder.write(`${name}.${first}`, ''), await folder.write(`${name}.${second}`, '')];
    const error = await caught(() => find());
    expect(error.code).toBe('config.invalid');
    for (const file of files) expect(error.why).toContain(file);
  });

  it('does not mind two project files when another is named', async () => {
    await folder.write('work/dbtool.config.json', '');
    await folder.write('work/dbtool.config.yaml', '');
    const other = await folder.write('work/other.json', '');
    expect(await find({}, 'other.json')).toEqual([other]);
  });

  it('leaves it to the reading to say that a folder is no file', async () => {
    await mkdir(at('work/dbtool.config.json'), { recursive: true });
    expect(await find()).toEqual([at('work/dbtool.config.json')]);
  });
});
