import { ColumnReader } from './column-reader.js';
import { quoteName } from './reader.js';
import { refuse, unsupported } from './rules.js';

/** Kinds of objects that Oracle has and the stand-in has not. */
const MISSING = [
  ...[
    'TYPE',
    'TRIGGER',
    'PROCEDURE',
    'FUNCTION',
    'PACKAGE',
    'SYNONYM',
    'PUBLIC',
    'MATERIALIZED',
    'DIRECTORY',
  ],
  ...['DATABASE', 'TABLESPACE', 'PROFILE', 'ROLE', 'CONTEXT', 'JAVA', 'BITMAP', 'CLUSTER', 'PRIVATE'],
];

/** Reads CREATE, ALTER, DROP and their kin. */
export abstract class DdlReader extends ColumnReader {
  private kindOfObject(kinds: Readonly<Record<string, () => void>>): (() => void) | undefined {
    const { kind, value } = this.peek();
    if (kind !== 'word') return undefined;
    if (MISSING.includes(value)) unsupported(`${this.tokenAt(0).value} … ${value}`);
    return kinds[value];
  }

  protected create(): undefined {
    this.at += 1;
    const start = this.at;
    if (this.take('OR', 'REPLACE')) {
      if (this.sees('FORCE') || this.sees('VIEW')) this.createView();
      else if (this.kindOfObject({}) === undefined) refuse('noCreateObject');
      return;
    }
    const create = this.kindOfObject({
      TABLE: () => {
        this.createTable();
      },
      GLOBAL: () => {
        if (!this.take('GLOBAL', 'TEMPORARY')) refuse('missingKeyword');
        this.createTable();
      },
      UNIQUE: () => {
        this.at += 1;
        this.createIndex();
      },
      INDEX: () => {
        this.createIndex();
      },
      VIEW: () => {
        this.createView();
      },
      FORCE: () => {
        this.createView();
      },
      SEQUENCE: () => {
        this.createSequence();
      },
    });
    if (!create || this.at !== start) refuse('noCreateObject');
    create();
  }

  /** IF [NOT] EXISTS, where the server knows it; elsewhere IF is read as a name. */
  private ifExists(...words: readonly string[]): void {
    if (this.session.version >= 23) this.take('IF', ...words);
  }

  private createTable(): void {
    this.expect('TABLE', 'missingKeyword');
    this.ifExists('NOT', 'EXISTS');
    this.tableName();
    if (this.take('(')) {
      this.list(() => {
        this.columnOrConstraint();
      });
      this.closeParenthesis();
    } else if (!this.sees('AS')) refuse('invalidOption');
    if (this.take('ON', 'COMMIT')) {
      if (this.takeOneOf(['DELETE', 'PRESERVE']) === undefined) refuse('missingKeyword');
      this.expect('ROWS', 'missingKeyword');
    }
    if (this.take('AS')) this.subquery('table');
    this.storage('invalidOption');
  }

  private createIndex(): void {
    this.expect('INDEX', 'missingKeyword');
    this.ifExists('NOT', 'EXISTS');
    this.tableName();
    this.expect('ON', 'missingOn');
    this.tableName();
    this.expect('(', 'missingLeftParenthesis');
    this.list(() => {
      if (!this.value().column) unsupported('an index on an expression');
      if (!this.take('ASC')) this.take('DESC');
    });
    this.closeParenthesis();
    this.storage('invalidIndexOption');
  }

  private createView(): void {
    const force = this.at;
    if (this.take('FORCE')) this.remove(force, this.at);
    this.expect('VIEW', 'noCreateObject');
    this.tableName();
    if (this.sees('(')) this.columnNames();
    this.expect('AS', 'missingKeyword');
    this.subquery('table');
    const options = this.at;
    if (this.take('WITH', 'READ', 'ONLY')) this.remove(options, this.at);
    else if (this.sees('WITH', 'CHECK')) unsupported('WITH CHECK OPTION');
  }

  private createSequence(): void {
    this.at += 1;
    this.ifExists('NOT', 'EXISTS');
    this.tableName();
    if (!this.atEnd) this.sequenceOptions();
  }

  // ---- ALTER

  /** @returns the H2 statements instead of this one, if it takes other ones */
  protected alter(): string[] | undefined {
    this.at += 1;
    const alter = this.kindOfObject({
      TABLE: () => undefined,
      INDEX: () => undefined,
      SEQUENCE: () => undefined,
    });
    if (!alter) refuse('noAlterObject');
    if (this.take('TABLE')) return this.alterTable();
    if (this.take('SEQUENCE')) {
      this.tableName();
      this.sequenceOptions();
      return undefined;
    }
    this.at += 1;
    this.tableName();
    if (this.take('RENAME', 'TO')) this.name('invalidOption');
    else if (this.sees('REBUILD')) unsupported('ALTER INDEX … REBUILD');
    else refuse('invalidOption');
    return undefined;
  }

  private alterTable(): string[] | undefined {
    const nameAt = this.at;
    this.tableName();
    const table = this.text(nameAt, this.at);
    if (this.take('ADD')) this.addToTable();
    else if (this.take('MODIFY')) return this.modifyTable(table);
    else if (this.take('DROP')) return this.dropFromTable(table);
    else if (this.take('RENAME')) this.renameInTable();
    else if (this.seesOneOf(['ENABLE', 'DISABLE', 'MOVE', 'SHRINK', 'READ'])) unsupported(this.peek().value);
    else refuse('invalidAlterOption');
    this.noOtherAction();
    return undefined;
  }

  private noOtherAction(): void {
    if (!this.atEnd) refuse(this.sees(',') ? 'invalidAlterOption' : 'notEnded');
  }

  private addToTable(): void {
    const open = this.at;
    if (!this.take('(')) {
      this.columnOrConstraint();
      return;
    }
    const constraint = this.seesOneOf(['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK']);
    const count = this.list(() => {
      this.columnOrConstraint();
    });
    this.closeParenthesis();
    if (!constraint) return;
    if (count > 1) unsupported('ADD of several constraints at once');
    this.remove(open, open + 1);
    this.remove(this.at - 1, this.at);
  }

  private modifyTable(table: string): string[] {
    const statements: string[] = [];
    if (this.take('(')) {
      this.list(() => statements.push(...this.modifyColumn(table)));
      this.closeParenthesis();
    } else statements.push(...this.modifyColumn(table));
    this.noOtherAction();
    return statements;
  }

  private dropFromTable(table: string): string[] | undefined {
    if (this.take('PRIMARY')) {
      this.expect('KEY', 'missingKeyword');
    } else if (this.take('CONSTRAINT')) {
      this.name('invalidIdentifier');
      this.take('CASCADE');
    } else if (this.take('COLUMN')) {
      this.name('invalidIdentifier');
      this.dropOptions();
    } else if (this.sees('(')) {
      const names = this.columnNames();
      this.dropOptions();
      this.noOtherAction();
      return names.map((name) => `ALTER TABLE ${table} DROP COLUMN ${quoteName(name)}`);
    } else refuse('missingKeyword');
    this.noOtherAction();
    return undefined;
  }

  private dropOptions(): void {
    const start = this.at;
    if (this.take('CASCADE', 'CONSTRAINTS')) this.remove(start, this.at);
  }

  private renameInTable(): void {
    if (this.take('COLUMN') || this.take('CONSTRAINT')) this.name('invalidIdentifier');
    this.expect('TO', 'missingKeyword');
    this.name('invalidIdentifier');
  }

  // ---- DROP and others

  protected drop(): undefined {
    this.at += 1;
    const drop = this.kindOfObject({
      TABLE: () => {
        this.dropTable();
      },
      VIEW: () => {
        this.dropNamed();
        const start = this.at;
        if (this.take('CASCADE', 'CONSTRAINTS')) this.remove(start, this.at);
      },
      INDEX: () => {
        this.dropNamed();
      },
      SEQUENCE: () => {
        this.dropNamed();
      },
    });
    if (!drop) refuse('noDropObject');
    drop();
  }

  private dropNamed(): void {
    this.at += 1;
    this.ifExists('EXISTS');
    this.tableName();
  }

  private dropTable(): void {
    this.dropNamed();
    if (this.take('CASCADE')) this.expect('CONSTRAINTS', 'missingKeyword');
    const purge = this.at;
    if (this.take('PURGE')) this.remove(purge, this.at);
  }

  protected truncate(): undefined {
    this.at += 1;
    this.expect('TABLE', 'missingKeyword');
    this.tableName();
    const start = this.at;
    if (this.sees('CASCADE')) unsupported('TRUNCATE … CASCADE');
    if (this.takeOneOf(['DROP', 'REUSE']) !== undefined) this.expect('STORAGE', 'missingKeyword');
    if (this.at > start) this.remove(start, this.at);
  }

  protected comment(): undefined {
    this.at += 1;
    this.expect('ON', 'missingOn');
    if (this.take('COLUMN')) {
      this.name('missingTable');
      this.expect('.', 'missingTable');
      this.name('invalidIdentifier');
      if (this.take('.')) this.name('invalidIdentifier');
    } else {
      this.expect('TABLE', 'missingKeyword');
      this.tableName();
    }
    this.expect('IS', 'missingKeyword');
    if (this.peek().kind !== 'string') refuse('missingExpression');
    this.at += 1;
  }

  /** RENAME a TO b */
  protected rename(): string[] {
    this.at += 1;
    const from = quoteName(this.name('missingTable'));
    this.expect('TO', 'missingKeyword');
    return [`ALTER TABLE ${from} RENAME TO ${quoteName(this.name('missingTable'))}`];
  }
}
