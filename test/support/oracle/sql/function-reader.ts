import { DataTypeReader, type ValueType } from './data-types.js';
import { BUILT_INS, type BuiltIn, MISSING_FUNCTIONS } from './functions.js';
import { quoteName, quoteString } from './reader.js';
import { refuse, unsupported } from './rules.js';

const DAY_UNITS: Readonly<Record<string, string>> = {
  DAY: "'1 00:00:00' DAY TO SECOND",
  HOUR: "'0 01:00:00' DAY TO SECOND",
  MINUTE: "'0 00:01:00' DAY TO SECOND",
  SECOND: "'0 00:00:01' DAY TO SECOND",
};
const MONTH_UNITS: Readonly<Record<string, string>> = {
  YEAR: "'1-0' YEAR TO MONTH",
  MONTH: "'0-1' YEAR TO MONTH",
};

/** A value that was read: the positions of its tokens, and what is known of it. */
export interface Value {
  readonly from: number;
  readonly to: number;
  readonly type: ValueType;
  /** In catalogue case, if it is a column or an alias and nothing else. */
  readonly column?: { readonly qualifier?: string; readonly name: string };
}

/** Reads calls of functions. */
export abstract class FunctionReader extends DataTypeReader {
  protected abstract value(): Value;
  protected abstract condition(): void;
  protected abstract orderBy(): void;

  /** Functions with a syntax of their own; the parenthesis is still to be read. */
  private readonly special: Readonly<Record<string, (start: number) => ValueType>> = {
    CAST: (start) => this.cast(start),
    COUNT: () => this.count(),
    EXTRACT: (start) => this.extract(start),
    GREATEST: (start) => this.greatest(start),
    LEAST: (start) => this.greatest(start),
    JSON_ARRAY: (start) => this.jsonBuilt(start),
    JSON_OBJECT: (start) => this.jsonBuilt(start),
    JSON_QUERY: (start) => this.jsonRead(start, 'ORA_JSON_QUERY'),
    JSON_VALUE: (start) => this.jsonRead(start, 'ORA_JSON_VALUE'),
    LISTAGG: () => this.listagg(),
    LTRIM: (start) => this.trimSide(start),
    NUMTODSINTERVAL: (start) => this.numberToInterval(start, DAY_UNITS),
    NUMTOYMINTERVAL: (start) => this.numberToInterval(start, MONTH_UNITS),
    RTRIM: (start) => this.trimSide(start),
    TO_BINARY_DOUBLE: (start) => this.converted(start, 'DOUBLE PRECISION', 'binary'),
    TO_BINARY_FLOAT: (start) => this.converted(start, 'REAL', 'binary'),
    TO_CLOB: (start) => this.converted(start, 'CLOB', 'lob'),
    TRIM: () => this.trim(),
    TRUNC: (start) => this.trunc(start),
  };

  /** A call, from the function's name on. */
  protected call(): ValueType {
    const start = this.at;
    const { kind, value: name } = this.peek();
    const special = kind === 'word' ? this.special[name] : undefined;
    this.at += 1;
    if (special) {
      this.at += 1;
      const type = special(start);
      const overable = ['COUNT', 'LISTAGG'].includes(name);
      if (overable) this.over();
      return type;
    }
    const builtIn = kind === 'word' ? BUILT_INS.get(name) : undefined;
    if (builtIn) return this.builtIn(start, builtIn);
    if (kind === 'word' && MISSING_FUNCTIONS.has(name)) unsupported(`function ${name}`);
    refuse('unknownFunction', quoteName(name));
  }

  private builtIn(start: number, { kind, min, max, value, h2 }: BuiltIn): ValueType {
    if (h2 !== undefined) this.replace(start, start + 1, h2);
    this.at += 1;
    if (kind === 'aggregate') this.distinct();
    const first = this.callArguments(min, max);
    if (kind !== 'scalar') this.ignoreNulls();
    if (kind === 'ordered') this.withinGroup();
    if (kind === 'aggregate' && this.sees('KEEP')) unsupported('KEEP (DENSE_RANK …)');
    if (kind === 'analytic' && !this.sees('OVER')) {
      if (!this.sees('WITHIN')) refuse('missingFrom');
      this.withinGroup();
    }
    if (kind !== 'scalar') this.over();
    return value === 'unknown' ? resultType(this.tokenAt(start).value, first) : value;
  }

  /** Arguments and the closing parenthesis; returns the first one's type. */
  private callArguments(min: number, max: number): ValueType {
    if (this.take(')')) {
      if (min > 0) refuse('wrongArgumentCount');
      return 'unknown';
    }
    const types: ValueType[] = [];
    this.list(() => types.push(this.value().type));
    this.closeParenthesis();
    if (types.length < min || types.length > max) refuse('wrongArgumentCount');
    return types[0] ?? 'unknown';
  }

  private distinct(): void {
    const word = this.takeOneOf(['DISTINCT', 'UNIQUE', 'ALL']);
    if (word !== undefined && this.sees(')')) refuse('missingExpression');
  }

  private ignoreNulls(): void {
    if (!this.take('IGNORE', 'NULLS')) this.take('RESPECT', 'NULLS');
  }

  private withinGroup(): void {
    if (!this.take('WITHIN', 'GROUP', '(')) refuse('missingFrom');
    this.orderBy();
    this.closeParenthesis();
  }

  private over(): void {
    if (!this.take('OVER')) return;
    this.expect('(', 'missingLeftParenthesis');
    if (this.take('PARTITION', 'BY')) this.list(() => this.value());
    if (this.sees('ORDER')) this.orderBy();
    if (this.takeOneOf(['ROWS', 'RANGE', 'GROUPS']) !== undefined) this.frame();
    this.closeParenthesis();
  }

  private frame(): void {
    if (!this.take('BETWEEN')) {
      this.frameBound();
      return;
    }
    this.frameBound();
    this.expect('AND', 'missingKeyword');
    this.frameBound();
  }

  private frameBound(): void {
    if (this.take('CURRENT', 'ROW')) return;
    if (!this.take('UNBOUNDED')) this.value();
    if (this.takeOneOf(['PRECEDING', 'FOLLOWING']) === undefined) refuse('missingKeyword');
  }

  private count(): ValueType {
    if (this.take('*')) this.closeParenthesis();
    else {
      this.distinct();
      this.callArguments(1, 1);
    }
    return 'number';
  }

  private listagg(): ValueType {
    this.takeOneOf(['DISTINCT', 'ALL']);
    this.value();
    if (this.take(',')) this.value();
    if (this.take('ON', 'OVERFLOW')) {
      if (this.take('TRUNCATE')) unsupported('LISTAGG … ON OVERFLOW TRUNCATE');
      this.expect('ERROR', 'missingKeyword');
    }
    this.closeParenthesis();
    this.withinGroup();
    return 'string';
  }

  private cast(start: number): ValueType {
    const value = this.value();
    this.expect('AS', 'missingKeyword');
    const type = this.dataType();
    this.closeParenthesis();
    const text = this.text(value.from, value.to);
    const moment = value.type === 'zoned' ? wallTime(text) : text;
    if (type.value === 'date') this.replace(start, this.at, wholeSeconds(moment));
    else if (type.value === 'timestamp' && !type.name.includes('ZONE'))
      this.replace(start, this.at, `CAST(${moment} AS ${type.h2})`);
    return type.value === 'timestamp' && type.name.endsWith(' WITH TIME ZONE') ? 'zoned' : type.value;
  }

  private converted(start: number, h2: string, type: ValueType): ValueType {
    const value = this.value();
    this.closeParenthesis();
    this.replace(start, this.at, `CAST(${this.text(value.from, value.to)} AS ${h2})`);
    return type;
  }

  private extract(start: number): ValueType {
    const fields = ['YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND', 'TIMEZONE_HOUR', 'TIMEZONE_MINUTE'];
    const field = this.takeOneOf(fields);
    if (field === undefined) refuse('missingKeyword');
    this.expect('FROM', 'missingKeyword');
    const value = this.value();
    this.closeParenthesis();
    if (field === 'SECOND') {
      // H2 cuts the fraction off.
      const text = this.text(value.from, value.to);
      const seconds = `EXTRACT(SECOND FROM ${text}) + EXTRACT(NANOSECOND FROM ${text}) / 1000000000.0`;
      this.replace(start, this.at, `(${seconds})`);
    }
    return 'number';
  }

  /** NULL if any argument is; H2 passes over nulls. */
  private greatest(start: number): ValueType {
    const values: Value[] = [];
    this.list(() => values.push(this.value()));
    this.closeParenthesis();
    const texts = values.map(({ from, to }) => this.text(from, to));
    const someNull = texts.map((text) => `(${text}) IS NULL`).join(' OR ');
    const call = this.text(start, this.at);
    this.replace(start, this.at, `(CASE WHEN ${someNull} THEN NULL ELSE ${call} END)`);
    return values[0]?.type ?? 'unknown';
  }

  private trim(): ValueType {
    const side = this.takeOneOf(['LEADING', 'TRAILING', 'BOTH']) !== undefined;
    if (!this.sees('FROM')) this.value();
    if (this.take('FROM')) this.value();
    else if (side) refuse('missingKeyword');
    this.closeParenthesis();
    return 'string';
  }

  /** LTRIM, RTRIM: of any of the set's characters, where H2 takes the set as one text. */
  private trimSide(start: number): ValueType {
    const value = this.value();
    if (!this.take(',')) {
      this.closeParenthesis();
      return 'string';
    }
    const { kind, value: set } = this.peek();
    const side = this.tokenAt(start).value;
    if (kind !== 'string') unsupported(`${side} of a set that is not written out`);
    this.at += 1;
    this.closeParenthesis();
    const some = `[${set.replaceAll(/[\]\\[^&-]/g, String.raw`\$&`)}]+`;
    const pattern = quoteString(side === 'LTRIM' ? `^${some}` : `${some}$`);
    this.replace(start, this.at, `REGEXP_REPLACE(${this.text(value.from, value.to)}, ${pattern}, '')`);
    return 'string';
  }

  /** NUMTODSINTERVAL(n, 'HOUR'): n times an hour. */
  private numberToInterval(start: number, units: Readonly<Record<string, string>>): ValueType {
    const value = this.value();
    this.expect(',', 'wrongArgumentCount');
    const unit = units[this.peek().value.toUpperCase()];
    if (this.peek().kind !== 'string' || unit === undefined)
      unsupported(`${this.tokenAt(start).value} with a unit that is not written out`);
    this.at += 1;
    this.closeParenthesis();
    this.replace(start, this.at, `((${this.text(value.from, value.to)}) * INTERVAL ${unit})`);
    return 'interval';
  }

  /** Of a number; or of a date, which a format shows. */
  private trunc(start: number): ValueType {
    const value = this.value();
    let format: ValueType | undefined;
    if (this.take(',')) format = this.value().type;
    this.closeParenthesis();
    if (value.type === 'zoned') this.replace(value.from, value.to, wallTime(this.text(value.from, value.to)));
    if (format === 'string') {
      this.replace(start, start + 1, 'ORA_TRUNC');
      return 'date';
    }
    if (['date', 'timestamp', 'zoned'].includes(value.type)) {
      this.wrap(start, this.at, 'CAST(', ' AS TIMESTAMP(0))');
      return 'date';
    }
    return value.type;
  }

  // ---- JSON

  private jsonRead(start: number, h2: string): ValueType {
    const doc = this.jsonInput();
    const path = this.jsonPath();
    const type = this.take('RETURNING') ? this.dataType() : undefined;
    const onError = this.jsonHandlers();
    this.closeParenthesis();
    const call = `${h2}(${doc}, ${path}, ${onError})`;
    this.replace(start, this.at, type ? `CAST(${call} AS ${type.h2})` : call);
    return type?.value ?? 'string';
  }

  /** JSON_EXISTS(doc, path), a condition. */
  protected jsonExists(start: number): void {
    this.at += 2;
    const doc = this.jsonInput();
    const path = this.jsonPath();
    const onError = this.jsonHandlers();
    this.closeParenthesis();
    this.replace(start, this.at, `ORA_JSON_EXISTS(${doc}, ${path}, ${onError})`);
  }

  protected jsonInput(): string {
    const value = this.value();
    this.take('FORMAT', 'JSON');
    return this.text(value.from, value.to);
  }

  private jsonPath(): string {
    this.expect(',', 'missingComma');
    return this.jsonPathLiteral();
  }

  /** Oracle takes literals only. */
  protected jsonPathLiteral(): string {
    if (this.peek().kind !== 'string') refuse('missingExpression');
    this.at += 1;
    if (this.sees('PASSING')) unsupported('JSON path with PASSING');
    return this.text(this.at - 1, this.at);
  }

  /** NULL or ERROR ON ERROR, ON EMPTY; returns whether errors are wanted, as a literal. */
  protected jsonHandlers(): string {
    let onError = 'FALSE';
    if (this.seesOneOf(['WITH', 'WITHOUT', 'PRETTY', 'ASCII', 'TRUNCATE']))
      unsupported('JSON output options');
    for (;;) {
      const handler = this.takeOneOf(['NULL', 'ERROR', 'FALSE', 'TRUE', 'DEFAULT', 'EMPTY']);
      if (handler === undefined) return onError;
      if (['DEFAULT', 'EMPTY', 'TRUE'].includes(handler)) unsupported(`JSON function … ${handler} ON …`);
      this.expect('ON', 'missingKeyword');
      const what = this.takeOneOf(['ERROR', 'EMPTY']);
      if (what === undefined) refuse('missingKeyword');
      if (handler === 'ERROR' && what === 'EMPTY') unsupported('JSON function … ERROR ON EMPTY');
      if (handler === 'ERROR') onError = 'TRUE';
    }
  }

  private jsonBuilt(start: number): ValueType {
    const object = this.tokenAt(start).value === 'JSON_OBJECT';
    if (!this.sees(')')) this.list(object ? this.jsonMember.bind(this) : this.jsonElement.bind(this));
    if (!this.take('NULL', 'ON', 'NULL')) this.take('ABSENT', 'ON', 'NULL');
    const returningAt = this.at;
    if (this.take('RETURNING')) {
      this.dataType();
      this.remove(returningAt, this.at);
    }
    this.closeParenthesis();
    this.wrap(start, this.at, 'CAST(', ' AS VARCHAR)');
    return 'string';
  }

  private jsonMember(): void {
    this.take('KEY');
    this.value();
    if (!this.take('VALUE') && !this.take('IS')) unsupported('JSON_OBJECT without VALUE');
    this.jsonElement();
  }

  private jsonElement(): void {
    this.value();
    this.take('FORMAT', 'JSON');
  }
}

function resultType(name: string, first: ValueType): ValueType {
  return ['MAX', 'MIN', 'NVL', 'COALESCE', 'NULLIF', 'ROUND', 'MEDIAN', 'LAG', 'LEAD'].includes(name)
    ? first
    : 'unknown';
}

/** What a clock in the value's own time zone shows; H2 would turn to the session's. */
export function wallTime(zoned: string): string {
  return `ORA_WALL_TIME(${zoned})`;
}

/** A DATE: H2 rounds to the nearest second, Oracle cuts off. */
function wholeSeconds(moment: string): string {
  return `CAST(DATE_TRUNC('SECOND', CAST(${moment} AS TIMESTAMP(9))) AS TIMESTAMP(0))`;
}
