import type { ValueType } from './data-types.js';
import { FunctionReader, type Value } from './function-reader.js';
import { PACKAGED, PSEUDO_COLUMNS } from './functions.js';
import type { BindType } from './prepare-types.js';
import { quoteName } from './reader.js';
import { RESERVED_WORDS } from './reserved-words.js';
import { refuse, unsupported } from './rules.js';

const BIND_TYPES: Readonly<Record<BindType, readonly [h2: string, type: ValueType]>> = {
  number: ['DECFLOAT(40)', 'number'],
  binaryDouble: ['DOUBLE PRECISION', 'binary'],
  varchar: ['VARCHAR', 'string'],
  clob: ['CLOB', 'lob'],
  blob: ['BLOB', 'lob'],
  raw: ['VARBINARY', 'unknown'],
  date: ['TIMESTAMP(0)', 'date'],
  timestamp: ['TIMESTAMP(9)', 'timestamp'],
  timestampTz: ['TIMESTAMP(9) WITH TIME ZONE', 'timestamp'],
  boolean: ['BOOLEAN', 'unknown'],
};

/** What a name that stands alone may mean besides a column. */
export interface Scope {
  /** Aliases of the select list whose value is no column of that name. */
  readonly aliases: ReadonlySet<string>;
  /** Name of the table, where there is but one. */
  readonly table?: string;
}

/** Reads values: operators, literals, binds, columns. */
export abstract class ValueReader extends FunctionReader {
  /** Set where aliases of the select list are not known, to H2 they are. */
  protected scope: Scope | undefined;
  /** Columns read so far. */
  protected columnsRead = 0;

  /** A query in parentheses, which are read already. */
  protected abstract subquery(place: 'value' | 'table'): void;

  protected value(): Value {
    let left = this.product();
    for (;;) {
      const operator = this.takeOneOf(['+', '-', '||']);
      if (operator === undefined) return left;
      left = this.sum(left, operator, this.product());
    }
  }

  private sum(left: Value, operator: string, right: Value): Value {
    const value = (type: ValueType): Value => ({ from: left.from, to: right.to, type });
    if (operator === '||') {
      // Oracle writes 0.5 as .5, and so does H2's TO_CHAR, but not its ||.
      for (const { from, to, type } of [left, right])
        if (type === 'number') this.wrap(from, to, 'TO_CHAR(', ')');
      return value('string');
    }
    const both = (type: ValueType): boolean => left.type === type && right.type === type;
    if (both('integerLiteral')) return this.integers(left, right);
    if (operator === '-' && both('date')) {
      const seconds = `EXTRACT(EPOCH FROM (${this.text(left.from, right.to)}))`;
      this.replace(left.from, right.to, `(${seconds} / 86400)`);
      return value('number');
    }
    const [moment, other] = isMoment(left) || operator === '-' ? [left, right] : [right, left];
    if (!isMoment(moment)) return value(moment.type === 'unknown' ? other.type : moment.type);
    if (other.type === 'number' || other.type === 'integerLiteral') {
      // Days; the sum is a DATE, even of a timestamp.
      this.wrap(left.from, right.to, 'CAST(', ' AS TIMESTAMP(0))');
      return value('date');
    }
    if (operator === '-' && isMoment(right)) return value('interval');
    if (operator === '-' && moment.type === 'date' && other.type === 'unknown')
      unsupported('a DATE minus a value of unknown type; use CAST');
    return value(moment.type);
  }

  private product(): Value {
    let left = this.unary();
    for (;;) {
      const operator = this.takeOneOf(['*', '/']);
      if (operator === undefined) return left;
      const position = this.at - 1;
      const right = this.unary();
      if (operator === '*' && left.type === 'integerLiteral' && right.type === 'integerLiteral')
        left = this.integers(left, right);
      else {
        const binary = left.type === 'binary' || right.type === 'binary';
        if (operator === '/' && !binary) this.divide(left, position);
        const type = binary ? 'binary' : left.type === 'interval' ? 'interval' : 'number';
        left = { from: left.from, to: right.to, type };
      }
    }
  }

  /** 1 / 2 is 0.5, with all digits of a NUMBER; H2 would take the digits from the operands. */
  private divide(left: Value, operator: number): void {
    const literal = left.to - left.from === 1 && this.tokenAt(left.from).kind === 'number';
    // H2 computes constants at once, and then a DECFLOAT has no more digits than its operands.
    const constant = literal || left.type === 'integerLiteral';
    const one = constant ? '* CAST(1 AS NUMERIC(41, 40))' : '/ CAST(1 AS DECFLOAT(40))';
    this.replace(operator, operator + 1, `${one} /`);
  }

  /** Of integers that are written out: H2 would compute in 32 bits. */
  private integers(left: Value, right: Value): Value {
    if (left.to - left.from === 1) this.wrap(left.from, left.to, 'CAST(', ' AS NUMERIC(38))');
    return { from: left.from, to: right.to, type: 'integerLiteral' };
  }

  private unary(): Value {
    const from = this.at;
    if (this.take('PRIOR')) unsupported('hierarchical queries');
    if (this.take('-') || this.take('+')) {
      const { type } = this.unary();
      return { from, to: this.at, type: type === 'integerLiteral' ? 'number' : type };
    }
    return this.zoned(this.primary());
  }

  /** AT TIME ZONE, AT LOCAL; and the field of an interval. */
  private zoned(value: Value): Value {
    if (this.take('AT', 'LOCAL')) return { ...value, to: this.at, type: 'timestamp', column: undefined };
    if (!this.sees('AT', 'TIME', 'ZONE')) return value;
    this.at += 3;
    this.primary();
    return { from: value.from, to: this.at, type: 'zoned' };
  }

  private primary(): Value {
    const from = this.at;
    const { kind } = this.peek();
    const done = (type: ValueType): Value => ({ from, to: this.at, type });
    switch (kind) {
      case 'number':
        return done(this.numberLiteral());
      case 'string':
        this.at += 1;
        return done('string');
      case 'bind':
        return done(this.bound());
      case 'operator':
        return this.parenthesised();
      case 'word':
      case 'name':
        return this.literal() ?? this.named();
      default:
        refuse('missingExpression');
    }
  }

  private numberLiteral(): ValueType {
    const { value } = this.peek();
    this.at += 1;
    if (!/[dDfF]$/.test(value)) return /^\d+$/.test(value) ? 'integerLiteral' : 'number';
    this.replace(this.at - 1, this.at, `CAST(${value.slice(0, -1)} AS DOUBLE PRECISION)`);
    return 'binary';
  }

  private bound(): ValueType {
    const bind = this.bind(this.at);
    const [h2, type] = BIND_TYPES[bind.type];
    this.replace(this.at, this.at + 1, `CAST(?${bind.number} AS ${h2})`);
    this.at += 1;
    return type;
  }

  private parenthesised(): Value {
    const from = this.at;
    this.expect('(', 'missingExpression');
    let type: ValueType = 'unknown';
    if (this.seesOneOf(['SELECT', 'WITH'])) this.subquery('value');
    else ({ type } = this.value());
    this.closeParenthesis();
    return { from, to: this.at, type: type === 'integerLiteral' ? 'number' : type };
  }

  /** NULL, DATE '…', TIMESTAMP '…', INTERVAL '…', CASE. */
  private literal(): Value | undefined {
    const from = this.at;
    const done = (type: ValueType): Value => ({ from, to: this.at, type });
    if (this.take('NULL')) return done('null');
    if (this.take('CASE')) return done(this.caseOf());
    if (this.peek(1).kind !== 'string') return undefined;
    if (this.take('DATE')) {
      this.at += 1;
      this.wrap(from, this.at, 'CAST(', ' AS TIMESTAMP(0))');
      return done('date');
    }
    if (this.take('TIMESTAMP')) {
      const zone = /(?:[+-]\d\d?:\d\d|[A-Za-z/_]+)\s*$/.test(this.peek().value);
      this.at += 1;
      if (zone) this.replace(from, from + 1, 'TIMESTAMP WITH TIME ZONE');
      return done(zone ? 'zoned' : 'timestamp');
    }
    if (this.take('INTERVAL')) {
      this.at += 1;
      this.intervalFields();
      return done('interval');
    }
    return undefined;
  }

  private intervalFields(): void {
    const fields = ['YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND'];
    if (this.takeOneOf(fields) === undefined) refuse('missingKeyword');
    const precision = (): void => {
      if (!this.take('(')) return;
      this.list(() => this.wholeNumber());
      this.closeParenthesis();
    };
    precision();
    if (!this.take('TO')) return;
    if (this.takeOneOf(fields) === undefined) refuse('missingKeyword');
    precision();
  }

  private caseOf(): ValueType {
    const searched = this.sees('WHEN');
    if (!searched) this.value();
    let type: ValueType | undefined;
    while (this.take('WHEN')) {
      if (searched) this.condition();
      else this.value();
      this.expect('THEN', 'missingKeyword');
      const result = this.value().type;
      type ??= result === 'null' ? undefined : result;
    }
    if (this.take('ELSE')) this.value();
    this.expect('END', 'missingKeyword');
    return type === undefined || type === 'integerLiteral' ? 'unknown' : type;
  }

  /** A column, a pseudo-column, a sequence's value, or a call. */
  private named(): Value {
    const from = this.at;
    const { kind, value: word } = this.peek();
    const done = (type: ValueType): Value => ({ from, to: this.at, type });
    if (this.sees('CONNECT_BY_ROOT')) unsupported('hierarchical queries');
    const pseudo = kind === 'word' ? PSEUDO_COLUMNS.get(word) : undefined;
    if (pseudo && !this.isToken(1, '.')) return done(this.pseudoColumn(word, pseudo));
    if (this.isToken(1, '(')) return done(this.call());
    if (kind === 'word' && RESERVED_WORDS.has(word)) refuse('missingExpression');
    if (kind === 'word' && ['TRUE', 'FALSE'].includes(word)) return done(this.booleanLiteral(word));
    return this.column();
  }

  private pseudoColumn(word: string, { h2, value }: { h2?: string; value: ValueType }): ValueType {
    if (h2 === undefined) unsupported(word);
    const start = this.at;
    this.at += 1;
    if (word.endsWith('TIMESTAMP') && this.take('(')) {
      const precision = this.wholeNumber();
      this.closeParenthesis();
      this.replace(start, this.at, `${h2}(${precision})`);
    } else this.replace(start, this.at, h2);
    return value;
  }

  private booleanLiteral(word: string): ValueType {
    if (this.session.version < 23) refuse('booleanLiteral', quoteName(word));
    this.at += 1;
    return 'unknown';
  }

  private column(): Value {
    const from = this.at;
    const names = [this.name('missingExpression')];
    while (this.isToken(0, '.') && this.peek(1).text !== '*') {
      this.at += 1;
      const { value } = this.peek();
      if (this.sees('ROWID')) unsupported('ROWID');
      if (names.length === 1 && this.isToken(1, '(') && !this.isToken(2, '+'))
        return this.packaged(from, names[0] ?? '', value);
      names.push(this.name('invalidIdentifier'));
    }
    const name = names.at(-1) ?? '';
    if (names.length > 1 && ['NEXTVAL', 'CURRVAL'].includes(name)) {
      // In quotes it would be a column.
      this.replace(this.at - 1, this.at, name);
      return { from, to: this.at, type: 'number' };
    }
    if (this.sees('(', '+', ')')) unsupported('outer joins by (+)');
    if (names.length === 1) this.bareColumn(from, name);
    this.columnsRead += 1;
    return { from, to: this.at, type: 'unknown', column: { qualifier: names.at(-2), name } };
  }

  private bareColumn(position: number, name: string): void {
    if (this.scope?.aliases.has(name) !== true) return;
    // With more tables than one nobody but the catalogue could tell that it is a column.
    if (this.scope.table === undefined) refuse('selectedAlias', quoteName(name));
    this.replace(position, position + 1, `${quoteName(this.scope.table)}.${quoteName(name)}`);
  }

  /** PACKAGE.FUNCTION(…) */
  private packaged(from: number, pack: string, function_: string): Value {
    const type = PACKAGED.get(`${pack}.${function_}`);
    if (type === undefined) {
      if (pack.startsWith('DBMS_') || pack.startsWith('UTL_')) unsupported(`${pack}.${function_}`);
      refuse('unknownFunction', `${quoteName(pack)}.${quoteName(function_)}`);
    }
    this.at += 2;
    this.list(() => this.value());
    this.closeParenthesis();
    return { from, to: this.at, type };
  }

  private isToken(ahead: number, text: string): boolean {
    const token = this.peek(ahead);
    return token.kind === 'operator' && token.text === text;
  }
}

function isMoment({ type }: Value): boolean {
  return ['date', 'timestamp', 'zoned'].includes(type);
}
