import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const script = new URL('../../scripts/lib/install.mjs', import.meta.url).href;
const { installedMatchesLock } = (await import(script)) as {
  installedMatchesLock: (root: string) => boolean;
};

describe('installedMatchesLock', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'dbtool-install-'));
    mkdirSync(join(root, 'node_modules'));
    write('package-lock.json', {
      '': { version: '1.0.0' },
      'node_modules/a': { version: '1.2.3' },
      'node_modules/b-windows': { version: '2.0.0', optional: true },
    });
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });
  function write(file: string, packages: object): void {
    writeFileSync(join(root, file), JSON.stringify({ packages }));
  }

  it('is false before the first install', () => {
    expect(installedMatchesLock(root)).toBe(false);
  });

  it('is true when all but optional packages have the locked versions', () => {
    write('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.2.3' } });
    expect(installedMatchesLock(root)).toBe(true);
  });

  it('is false when a version differs or a package is missing', () => {
    write('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.2.4' } });
    expect(installedMatchesLock(root)).toBe(false);
    write('node_modules/.package-lock.json', {});
    expect(installedMatchesLock(root)).toBe(false);
  });
});
