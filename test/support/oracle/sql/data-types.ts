import { StatementReader } from './reader.js';
import { refuse, unsupported } from './rules.js';

/** What is known of a value without the catalogue. */
export type ValueType =
  | 'number'
  /** An integer written out, or computed of such. */
  | 'integerLiteral'
  | 'binary'
  | 'string'
  | 'date'
  | 'timestamp'
  /** A timestamp that keeps a time zone other than the session's. */
  | 'zoned'
  | 'interval'
  | 'lob'
  | 'null'
  | 'unknown';

export interface DataType {
  /** As Oracle's catalogue has it: `VARCHAR2(20 BYTE)`. */
  readonly name: string;
  /** What H2 stores. */
  readonly h2: string;
  readonly value: ValueType;
  /** Whether H2's type says all that the catalogue needs. */
  readonly plain: boolean;
}

const MAX_VARCHAR = 4000;
const MAX_CHAR = 2000;
const MAX_PRECISION = 38;
/** Digits of NUMBER without precision. */
const NUMBER_DIGITS = 40;
const FLOAT_BITS = 126;
const NO_ARGUMENTS: readonly number[] = [];

const type = (name: string, h2: string, value: ValueType, plain = true): DataType => ({
  name,
  h2,
  value,
  plain,
});

const NUMBER = type('NUMBER', `DECFLOAT(${NUMBER_DIGITS})`, 'number');
const INTEGER = type('NUMBER(*,0)', `NUMERIC(${MAX_PRECISION})`, 'number');

/** Types without arguments. */
const SIMPLE: Readonly<Record<string, DataType>> = {
  INTEGER,
  INT: INTEGER,
  SMALLINT: INTEGER,
  BINARY_DOUBLE: type('BINARY_DOUBLE', 'DOUBLE PRECISION', 'binary'),
  BINARY_FLOAT: type('BINARY_FLOAT', 'REAL', 'binary'),
  REAL: type('FLOAT(63)', 'DECFLOAT(19)', 'number'),
  DATE: type('DATE', 'TIMESTAMP(0)', 'date'),
  CLOB: type('CLOB', 'CLOB', 'lob'),
  NCLOB: type('NCLOB', 'CLOB', 'lob'),
  BLOB: type('BLOB', 'BLOB', 'lob'),
};

/** Types that Oracle has and the stand-in has not. */
const MISSING = ['LONG', 'ROWID', 'UROWID', 'BFILE', 'XMLTYPE', 'SDO_GEOMETRY', 'ANYDATA', 'NATIONAL'];

/** Reads data types. */
export class DataTypeReader extends StatementReader {
  /** @throws OracleError ORA-00902 and others, when Oracle has no such type. */
  protected dataType(): DataType {
    const start = this.at;
    const found = this.readType();
    this.replace(start, this.at, found.h2);
    return found;
  }

  private readType(): DataType {
    const { kind, value: word } = this.peek();
    if (kind !== 'word') refuse('invalidDatatype');
    this.at += 1;
    const simple = SIMPLE[word];
    if (simple) return simple;
    if (MISSING.includes(word)) unsupported(`data type ${word}`);
    return this.characterType(word) ?? this.numericType(word) ?? this.otherType(word);
  }

  private characterType(word: string): DataType | undefined {
    switch (word) {
      case 'VARCHAR2':
      case 'VARCHAR':
        return this.characters('VARCHAR2', 'VARCHAR', MAX_VARCHAR);
      case 'NVARCHAR2':
        return this.nationalCharacters('NVARCHAR2', 'VARCHAR', MAX_VARCHAR);
      case 'CHARACTER':
        if (this.take('VARYING')) return this.characters('VARCHAR2', 'VARCHAR', MAX_VARCHAR);
        return this.characters('CHAR', 'CHAR', MAX_CHAR);
      case 'CHAR':
        return this.characters('CHAR', 'CHAR', MAX_CHAR);
      case 'NCHAR':
        return this.nationalCharacters('NCHAR', 'CHAR', MAX_CHAR);
      default:
        return undefined;
    }
  }

  private characters(name: string, h2: string, max: number): DataType {
    let length = 1;
    let unit: string = this.session.lengthSemantics;
    if (this.take('(')) {
      length = this.wholeNumber();
      unit = this.takeOneOf(['BYTE', 'CHAR']) ?? unit;
      this.closeParenthesis();
    } else if (name === 'VARCHAR2') refuse('datatypeWithoutLength');
    checkLength(length, max);
    return type(`${name}(${length} ${unit})`, `${h2}(${length})`, 'string', false);
  }

  /** These count characters always; two bytes each. */
  private nationalCharacters(name: string, h2: string, maxBytes: number): DataType {
    const [length = 1] = this.arguments();
    checkLength(length, maxBytes / 2);
    return type(`${name}(${length})`, `${h2}(${length})`, 'string', false);
  }

  private numericType(word: string): DataType | undefined {
    switch (word) {
      case 'NUMBER':
        return this.sees('(') ? this.decimal() : NUMBER;
      case 'NUMERIC':
      case 'DECIMAL':
      case 'DEC':
        return this.sees('(') ? this.decimal() : type('NUMBER(38,0)', `NUMERIC(${MAX_PRECISION})`, 'number');
      case 'FLOAT':
        return float(this.arguments()[0] ?? FLOAT_BITS);
      case 'DOUBLE':
        if (!this.take('PRECISION')) refuse('invalidDatatype');
        return float(FLOAT_BITS);
      default:
        return undefined;
    }
  }

  private decimal(): DataType {
    if (this.take('(', '*')) {
      this.expect(',', 'missingRightParenthesis');
      const scale = this.wholeNumber();
      this.closeParenthesis();
      if (scale !== 0) unsupported(`NUMBER(*,${scale})`);
      return INTEGER;
    }
    const [precision = 0, scale = 0] = this.arguments();
    if (precision < 1 || precision > MAX_PRECISION) refuse('numericPrecision');
    if (scale < -84 || scale > 127) refuse('numericScale');
    if (scale < 0 || scale > precision) unsupported(`NUMBER(${precision},${scale})`);
    return type(`NUMBER(${precision},${scale})`, `NUMERIC(${precision},${scale})`, 'number');
  }

  private otherType(word: string): DataType {
    switch (word) {
      case 'TIMESTAMP':
        return this.timestamp();
      case 'INTERVAL':
        return this.interval();
      case 'RAW': {
        if (!this.sees('(')) refuse('datatypeWithoutLength');
        const [length = 0] = this.arguments();
        checkLength(length, MAX_CHAR);
        return type(`RAW(${length})`, `VARBINARY(${length})`, 'unknown');
      }
      case 'JSON':
        if (this.session.version >= 21) unsupported('data type JSON');
        break;
      case 'BOOLEAN':
        if (this.session.version >= 23) return type('BOOLEAN', 'BOOLEAN', 'unknown');
        break;
    }
    refuse('invalidDatatype');
  }

  private timestamp(): DataType {
    const [precision = 6] = this.arguments();
    if (precision > 9) refuse('secondsPrecision');
    let zone = '';
    if (this.take('WITH', 'TIME', 'ZONE')) zone = ' WITH TIME ZONE';
    else if (this.take('WITH', 'LOCAL', 'TIME', 'ZONE')) zone = ' WITH LOCAL TIME ZONE';
    const h2 = `TIMESTAMP(${precision})${zone === '' ? '' : ' WITH TIME ZONE'}`;
    return type(`TIMESTAMP(${precision})${zone}`, h2, 'timestamp', !zone.includes('LOCAL'));
  }

  private interval(): DataType {
    if (this.take('YEAR')) {
      const [precision = 2] = this.arguments();
      if (!this.take('TO', 'MONTH')) refuse('missingKeyword');
      return type(`INTERVAL YEAR(${precision}) TO MONTH`, `INTERVAL YEAR(${precision}) TO MONTH`, 'interval');
    }
    this.expect('DAY', 'missingKeyword');
    const [days = 2] = this.arguments();
    if (!this.take('TO', 'SECOND')) refuse('missingKeyword');
    const [seconds = 6] = this.arguments();
    const name = `INTERVAL DAY(${days}) TO SECOND(${seconds})`;
    return type(name, name, 'interval');
  }

  private arguments(): readonly number[] {
    if (!this.take('(')) return NO_ARGUMENTS;
    const values: number[] = [];
    this.list(() => values.push((this.take('-') ? -1 : 1) * this.wholeNumber()));
    this.closeParenthesis();
    return values;
  }

  protected wholeNumber(): number {
    const { kind, value } = this.peek();
    if (kind !== 'number' || !/^\d+$/.test(value)) refuse('invalidDatatype');
    this.at += 1;
    return Number(value);
  }
}

function float(bits: number): DataType {
  if (bits < 1 || bits > FLOAT_BITS) refuse('invalidDatatype');
  return type(`FLOAT(${bits})`, `DECFLOAT(${Math.ceil(bits * Math.log10(2))})`, 'number');
}

function checkLength(length: number, max: number): void {
  if (length === 0) refuse('zeroLength');
  if (length > max) refuse('longDatatype');
}

/** The type of a column: where H2's says too little, a domain that is named as Oracle names the type. */
export function columnType({ name, h2, plain }: DataType): string {
  return plain ? h2 : `SYS."${name}"`;
}
