import { describe, expect, it } from '@jest/globals';
import { Table } from 'typeorm';
import { createTables } from '../../src/database/model/create-tables.js';
import { DbtoolError } from '../../src/errors/dbtool-error.js';
import { loadMigrationClass } from '../../src/migrate/load-migration.js';
import { caught } from '../support/caught.js';
import { useTempFolder } from '../support/temp-folder.js';

const BODY = '{ async up() { return "up"; } async down() { return "down"; } }';
const folder = useTempFolder();

/** As `typeorm migration:create` writes it, with a table in it. */
const TYPEORM_TEMPLATE = `import { MigrationInterface, QueryRunner, Table } from "typeorm"

export class Users1700000000000 implements MigrationInterface {
    static Table = Table;

    public async up(queryRunner: QueryRunner): Promise<void> {
        await queryRunner.createTable(new Table({ name: "users" }))
    }

    public async down(queryRunner: QueryRunner): Promise<void> {
        await queryRunner.dropTable("users")
    }

}
`;

describe('a migration file is loaded', () => {
  it.each([
    ['a.js', `export class First ${BODY}`],
    ['a.js', `export default class First ${BODY}`],
    ['a.mjs', `export class First ${BODY}`],
    ['a.cjs', `exports.First = class First ${BODY};`],
    ['a.cjs', `module.exports = class First ${BODY};`],
    [
      'a.cjs',
      `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = class First ${BODY};`,
    ],
    ['a.ts', `export class First ${BODY}`],
    ['a.ts', `export default class First ${BODY}`],
    ['a.mts', `const late = await Promise.resolve(1);\nexport class First ${BODY}`],
    ['a.cts', `export class First ${BODY}`],
    ['a.ts', `export class First { up = async () => 'up'; down = async () => 'down'; }`],
    ['a.ts', `export function helper() {}\nexport const LIST = [1];\nexport class First ${BODY}`],
    ['a.ts', `abstract class Base ${BODY}\nexport class First extends Base {}`],
    ['a.ts', `class First ${BODY}\nexport { First };\nexport default First;`],
  ])('%s: %j', async (name, source) => {
    const file = await folder.write(name, source);
    const { migration, className, ownName } = await loadMigrationClass(file);
    expect({ className, ownName }).toEqual({ className: 'First', ownName: undefined });
    expect(await migration.up({} as never)).toBe('up');
    expect(await migration.down({} as never)).toBe('down');
  });

  it('with what it says of itself', async () => {
    const fields = `name = 'Own1700000000000'; transaction = false; allow = ['drop-column'];`;
    const file = await folder.write('a.ts', `export class First { ${fields} up() {} down() {} }`);
    const { migration, ownName } = await loadMigrationClass(file);
    expect(ownName).toBe('Own1700000000000');
    expect(migration).toMatchObject({ transaction: false, allow: ['drop-column'] });
  });

  it.each([
    ['a.ts', TYPEORM_TEMPLATE],
    ['a.mjs', `import { Table } from 'typeorm';\nexport class A { static Table = Table; up() {} down() {} }`],
    [
      'a.cjs',
      `"use strict";\nconst typeorm_1 = require("typeorm");\nclass A { up() {} down() {} }\nA.Table = typeorm_1.Table;\nexports.A = A;`,
    ],
  ])('from a folder without packages, and has the typeorm that runs it: %s', async (name, source) => {
    const { migration } = await loadMigrationClass(await folder.write(name, source));
    expect((migration.constructor as unknown as { Table: unknown }).Table).toBe(Table);
  });

  it.each(['a.ts', 'a.mjs'])("with dbtool's own functions: %s", async (name) => {
    const source = `import { createTables, string } from 'dbtool/migration';
      export class A { static functions = { createTables, string }; up() {} down() {} }`;
    const { migration } = await loadMigrationClass(await folder.write(name, source));
    const { functions } = migration.constructor as unknown as { functions: Record<string, unknown> };
    expect(functions['createTables']).toBe(createTables);
  });

  it('with TypeScript beside it, named as it will be once it is built', async () => {
    await folder.write('shared.ts', 'export enum Names { Users = "users" }');
    const source = `import { Names } from './shared.js';\nexport class A { name = Names.Users; up() {} down() {} }`;
    expect((await loadMigrationClass(await folder.write('a.ts', source))).ownName).toBe('users');
  });
});

describe('a migration file is refused', () => {
  const GOOD = `export class A ${BODY}`;

  it.each([
    ['a.ts', `import { Table } from 'typeorm';\n\nexport class A { up( { } }`, 'Line 3: ', 'expected'],
    ['a.mjs', `\nexport class A { up( { } }`, 'Line 2: ', 'expected'],
    ['a.cjs', `\n\nclass A { up( { } }`, 'Line 3: ', 'expected'],
    ['a.ts', `interface A {\n  a: string;\n}\n${GOOD}\nthrow new Error('no luck');`, 'Line 5: no luck.'],
    ['a.mjs', `${GOOD}\nthrow new Error('no luck');`, 'Line 2: no luck.'],
    ['a.cjs', `\nthrow new Error('no luck');`, 'Line 2: no luck.'],
    ['a.ts', GOOD.replace('{', '{ constructor() { throw new Error("no luck"); }'), 'Line 1: no luck.'],
    ['a.mjs', `throw 'no luck';`, 'no luck.'],
    ['a.mjs', `throw null;`, 'null.'],
    ['a.ts', `import './nothing.mjs';\n${GOOD}`, 'nothing.mjs'],
    ['a.mjs', `import './nothing.mjs';\n${GOOD}`, 'nothing.mjs'],
    ['a.mjs', `import 'no-such-package';\n${GOOD}`, `'no-such-package'`],
    ['a.ts', `import 'shared/postgres://u:hunter22@host/db';`, 'postgres://u:***@host/db'],
    ['a.ts', 'export const up = 1;', 'It exports no class.'],
    ['a.ts', '', 'It exports no class.'],
    ['a.ts', 'export class A { down() {} }', 'Its class A has no method `up`.'],
    ['a.ts', `${GOOD}\nexport class B ${BODY}`, 'It exports several classes: A, B.'],
    ['a.cjs', `exports.A = class A ${BODY}; exports.B = class B ${BODY};`, 'several classes: A, B.'],
  ])('%s: %j', async (name, source, ...words) => {
    const file = await folder.write(name, source);
    const error = await caught(() => loadMigrationClass(file));
    expect(error).toBeInstanceOf(DbtoolError);
    expect(error.code).toBe('migrate.source.invalid');
    expect(error.message).toContain(file);
    for (const word of words) expect(error.why).toContain(word);
    const line = /^Line (\d+)/.exec(error.why ?? '')?.[1];
    expect(error.details).toEqual(line === undefined ? { file } : { file, line: Number(line) });
  });

  it('when it is not there', async () => {
    const error = await caught(() => loadMigrationClass(`${folder.path}/gone.ts`));
    expect(error.code).toBe('migrate.source.invalid');
  });
});
