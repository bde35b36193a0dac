import { columnType } from './data-types.js';
import { DmlReader } from './dml-reader.js';
import { quoteName } from './reader.js';
import { refuse, type RuleName, unsupported } from './rules.js';

/** Reads what defines columns and constraints. */
export abstract class ColumnReader extends DmlReader {
  /** name type … constraints; or a constraint of the table. */
  protected columnOrConstraint(): void {
    if (this.seesOneOf(['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'FOREIGN', 'CHECK'])) this.tableConstraint();
    else this.tableColumn();
  }

  private tableColumn(): void {
    this.name('invalidIdentifier');
    if (this.take('AS')) this.virtual(this.at - 1);
    else {
      const typeAt = this.at;
      const type = this.dataType();
      const identity = this.columnValue();
      if (!identity) this.replace(typeAt, typeAt + 1, columnType(type));
    }
    while (this.inlineConstraint());
  }

  /**
   * DEFAULT, an identity or the expression of a virtual column.
   *
   * @returns whether it is an identity, which H2 makes of its own types only
   */
  protected columnValue(): boolean {
    this.take('VISIBLE');
    if (this.take('DEFAULT')) {
      const start = this.at - 1;
      const onNull = this.take('ON', 'NULL');
      if (onNull) this.remove(this.at - 2, this.at);
      this.value();
      if (onNull) this.wrap(start, this.at, '', ' DEFAULT ON NULL');
      return false;
    }
    if (this.sees('AS', '(')) {
      this.at += 1;
      this.virtual(this.at - 1);
      return false;
    }
    return this.take('GENERATED') && this.generated();
  }

  private generated(): boolean {
    const start = this.at - 1;
    const always = this.take('ALWAYS');
    let onNull = false;
    if (!always) {
      if (!this.take('BY', 'DEFAULT')) refuse('missingKeyword');
      onNull = this.take('ON', 'NULL');
    }
    this.expect('AS', 'missingKeyword');
    if (always && this.sees('(')) {
      this.virtual(start);
      return false;
    }
    this.expect('IDENTITY', 'missingKeyword');
    this.replace(start, this.at, `GENERATED ${always ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`);
    if (this.take('(')) {
      this.sequenceOptions();
      this.closeParenthesis();
    }
    if (onNull) this.wrap(start, this.at, '', ' DEFAULT ON NULL');
    return true;
  }

  /** AS (expression) [VIRTUAL] */
  private virtual(start: number): void {
    this.expect('(', 'missingLeftParenthesis');
    const from = this.at;
    this.value();
    const expression = this.text(from, this.at);
    this.closeParenthesis();
    this.take('VIRTUAL');
    this.replace(start, this.at, `GENERATED ALWAYS AS (${expression})`);
  }

  protected inlineConstraint(): boolean {
    const named = this.take('CONSTRAINT');
    if (named) this.name('invalidIdentifier');
    if (this.take('NOT')) {
      this.expect('NULL', 'missingKeyword');
    } else if (this.take('PRIMARY')) this.expect('KEY', 'missingKeyword');
    else if (this.take('CHECK')) this.check();
    else if (this.take('REFERENCES')) this.references();
    else if (!this.take('UNIQUE') && !this.take('NULL')) {
      if (named) refuse('missingKeyword');
      return false;
    }
    this.constraintState();
    return true;
  }

  protected tableConstraint(): void {
    if (this.take('CONSTRAINT')) this.name('invalidIdentifier');
    if (this.take('PRIMARY')) {
      this.expect('KEY', 'missingKeyword');
      this.columnNames();
    } else if (this.take('UNIQUE')) this.columnNames();
    else if (this.take('FOREIGN')) {
      this.expect('KEY', 'missingKeyword');
      this.columnNames();
      this.expect('REFERENCES', 'missingKeyword');
      this.references();
    } else if (this.take('CHECK')) this.check();
    else refuse('missingKeyword');
    this.constraintState();
  }

  private check(): void {
    this.expect('(', 'missingLeftParenthesis');
    this.condition();
    this.closeParenthesis();
  }

  private references(): void {
    this.tableName();
    if (this.sees('(')) this.columnNames();
    if (!this.take('ON', 'DELETE')) return;
    // Everything else is what it does without ON DELETE.
    if (!this.take('CASCADE') && !this.take('SET', 'NULL')) refuse('missingKeyword');
  }

  private constraintState(): void {
    const start = this.at;
    for (;;) {
      if (this.takeOneOf(['ENABLE', 'VALIDATE', 'NORELY']) !== undefined) continue;
      if (this.take('NOT', 'DEFERRABLE') || this.take('INITIALLY', 'IMMEDIATE')) continue;
      if (this.seesOneOf(['DISABLE', 'NOVALIDATE', 'RELY', 'DEFERRABLE', 'INITIALLY', 'EXCEPTIONS']))
        unsupported(`constraint ${this.peek().value}`);
      break;
    }
    if (this.sees('USING', 'INDEX')) {
      this.at += 2;
      if (this.take('TABLESPACE')) this.name('invalidOption');
    }
    if (this.at > start) this.remove(start, this.at);
  }

  /** Of sequences and identities; H2 knows them by the same words, or needs none. */
  protected sequenceOptions(): void {
    const start = this.at;
    for (;;) {
      if (this.take('START', 'WITH') || this.take('INCREMENT', 'BY')) this.signedNumber();
      else if (this.takeOneOf(['MINVALUE', 'MAXVALUE', 'CACHE']) !== undefined) this.signedNumber();
      else if (!this.sequenceWord()) break;
    }
    if (this.at === start) refuse('missingKeyword');
  }

  private sequenceWord(): boolean {
    const start = this.at;
    const unknown = ['ORDER', 'NOORDER', 'NOKEEP', 'NOSCALE', 'GLOBAL'];
    if (this.takeOneOf(unknown) !== undefined) {
      this.remove(start, this.at);
      return true;
    }
    return this.takeOneOf(['NOCACHE', 'NOMAXVALUE', 'NOMINVALUE', 'CYCLE', 'NOCYCLE']) !== undefined;
  }

  private signedNumber(): void {
    this.take('-');
    if (this.peek().kind !== 'number') refuse('missingExpression');
    this.at += 1;
  }

  /** MODIFY column …: several statements on H2. */
  protected modifyColumn(table: string): string[] {
    const column = quoteName(this.name('invalidIdentifier'));
    const alter = `ALTER TABLE ${table} ALTER COLUMN ${column}`;
    const statements: string[] = [];
    if (this.seesType()) {
      statements.push(`${alter} SET DATA TYPE ${columnType(this.dataType())}`);
    }
    if (this.take('DEFAULT')) {
      const from = this.at;
      this.value();
      statements.push(`${alter} SET DEFAULT ${this.text(from, this.at)}`);
    }
    if (this.take('NOT', 'NULL')) statements.push(`${alter} SET NOT NULL`);
    else if (this.take('NULL')) statements.push(`${alter} DROP NOT NULL`);
    if (this.seesOneOf(['CONSTRAINT', 'CHECK', 'UNIQUE', 'GENERATED', 'VISIBLE', 'INVISIBLE']))
      unsupported(`MODIFY … ${this.peek().value}`);
    if (statements.length === 0) refuse('missingKeyword');
    return statements;
  }

  private seesType(): boolean {
    return !this.seesOneOf([
      ...['DEFAULT', 'NOT', 'NULL', 'CONSTRAINT', 'CHECK', 'UNIQUE', 'GENERATED', 'VISIBLE', 'INVISIBLE'],
      ...[')', ','],
    ]);
  }

  /** Words of storage that mean nothing to H2, up to the end of the statement. */
  protected storage(otherwise: RuleName): void {
    const start = this.at;
    for (;;) {
      if (this.take('TABLESPACE')) this.name('invalidOption');
      else if (this.takeOneOf(['PCTFREE', 'PCTUSED', 'INITRANS']) !== undefined) this.signedNumber();
      else if (
        this.takeOneOf([
          'LOGGING',
          'NOLOGGING',
          'COMPRESS',
          'NOCOMPRESS',
          'PARALLEL',
          'NOPARALLEL',
          'ONLINE',
        ]) === undefined
      )
        break;
    }
    if (
      this.seesOneOf([
        'PARTITION',
        'ORGANIZATION',
        'CLUSTER',
        'LOB',
        'STORAGE',
        'SEGMENT',
        'REVERSE',
        'LOCAL',
      ])
    )
      unsupported(this.peek().value);
    if (!this.atEnd) refuse(otherwise);
    if (this.at > start) this.remove(start, this.at);
  }
}
