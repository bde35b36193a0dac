import { OracleError } from '../sql/oracle-error.js';
import type { BindType } from '../sql/prepare-types.js';
import type { Connection, DbType, Internals, Lob, Variable } from './internals.js';

/** What a LOB travels as: its number on the server. */
interface Locator {
  lob: number;
  length: number;
}

const LOCATOR_LENGTH = 40;
const CHUNK_SIZE = 8060;
const MAX_STRING_BYTES = 4000;
const NANOSECONDS = 1_000_000_000;

/** Values between the driver and the server, by the driver's own rules of writing and reading them. */
export class Values {
  private readonly bindTypes: Map<DbType, BindType>;

  constructor(private readonly driver: Internals) {
    const { types } = driver;
    const named: [string, BindType][] = [
      ['NUMBER', 'number'],
      ['BINARY_INTEGER', 'number'],
      ['BINARY_DOUBLE', 'binaryDouble'],
      ['BINARY_FLOAT', 'binaryDouble'],
      ['VARCHAR', 'varchar'],
      ['NVARCHAR', 'varchar'],
      ['CHAR', 'varchar'],
      ['NCHAR', 'varchar'],
      ['LONG', 'varchar'],
      ['CLOB', 'clob'],
      ['NCLOB', 'clob'],
      ['BLOB', 'blob'],
      ['RAW', 'raw'],
      ['LONG_RAW', 'raw'],
      ['DATE', 'date'],
      ['TIMESTAMP', 'timestamp'],
      ['TIMESTAMP_TZ', 'timestampTz'],
      ['TIMESTAMP_LTZ', 'timestampTz'],
      ['BOOLEAN', 'boolean'],
    ];
    this.bindTypes = new Map(named.map(([name, kind]) => [dbType(types, name), kind]));
  }

  /** @throws Error for types that the stand-in does not know (objects, cursors, JSON, vectors) */
  bindType(variable: Variable): BindType {
    const kind = this.bindTypes.get(variable.type);
    if (kind === undefined)
      throw new Error(`stand-in: binds of type ${variable.type.name} are not supported`);
    return kind;
  }

  /** The type for H2: a string beyond VARCHAR2 travels as a LONG, which suits a CLOB. */
  bindTypeOnServer(variable: Variable): BindType {
    const kind = this.bindType(variable);
    return kind === 'varchar' && (variable.maxSize ?? 0) > MAX_STRING_BYTES ? 'clob' : kind;
  }

  /** @returns what JSON can carry */
  encode(value: unknown, variable: Variable): unknown {
    if (value === null || value === undefined || value === '') return null;
    if (value instanceof this.driver.ThinLobImpl) return { lob: lobNumber(value) };
    switch (this.bindType(variable)) {
      case 'number':
        return this.encodeNumber(
          typeof value === 'boolean' ? String(Number(value)) : (value as number).toString(),
        );
      case 'binaryDouble':
        return (value as number).toString();
      case 'boolean':
        return value === true;
      case 'date':
        return this.encodeDate(value as Date, variable.type);
      case 'timestamp':
        return this.encodeDate(value as Date, variable.type);
      case 'timestampTz':
        return `${this.encodeDate(value as Date, variable.type)}Z`;
      case 'raw':
      case 'blob':
        return Buffer.from(value as Buffer).toString('base64');
      default:
        return Buffer.from(value as string).toString();
    }
  }

  /** Written once by the driver itself, so that what it refuses is refused. */
  private encodeNumber(text: string): string {
    new this.driver.GrowableBuffer().writeOracleNumber(text, false);
    return text;
  }

  /**
   * Takes the wall time out of Oracle's own form: local for DATE and TIMESTAMP, else UTC.
   * @throws OracleError ORA-01841 for a year that Oracle has not
   */
  private encodeDate(date: Date, type: DbType): string {
    const buffer = new this.driver.GrowableBuffer();
    buffer.writeOracleDate(date, type, false);
    const [century = 0, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = buffer.buf;
    const two = (part: number): string => String(part).padStart(2, '0');
    const whole = (century - 100) * 100 + (year - 100);
    if (whole < 1 || whole > 9999)
      throw new OracleError(1841, '(full) year must be between -4713 and +9999, and not be 0');
    const seconds = buffer.pos >= 11 ? buffer.buf.readUInt32BE(7) / NANOSECONDS : 0;
    const fraction = seconds.toFixed(9).slice(1);
    const time = `${two(hour - 1)}:${two(minute - 1)}:${two(second - 1)}${fraction}`;
    return `${String(whole).padStart(4, '0')}-${two(month)}-${two(day)}T${time}`;
  }

  /**
   * @param wanted what the driver asked for, which for a LOB may be its content
   * @param dbType what the column is
   */
  decode(value: unknown, dbType: DbType, wanted: DbType, connection: Connection): unknown {
    const { types } = this.driver;
    if (value === null || value === undefined) return null;
    if (isLocator(value)) return this.decodeLob(value, wanted, connection);
    switch (dbType) {
      case types['DB_TYPE_BINARY_DOUBLE']:
      case types['DB_TYPE_BINARY_FLOAT']:
        return Number(value);
      case types['DB_TYPE_DATE']:
      case types['DB_TYPE_TIMESTAMP']:
        return this.decodeDate(value as string, true);
      case types['DB_TYPE_TIMESTAMP_TZ']:
      case types['DB_TYPE_TIMESTAMP_LTZ']:
        return this.decodeDate(value as string, false);
      case types['DB_TYPE_RAW']:
      case types['DB_TYPE_BLOB']:
        return Buffer.from(value as string, 'base64');
      case types['DB_TYPE_INTERVAL_DS']:
        return this.decodeInterval(BigInt(value as string));
      default:
        return value;
    }
  }

  private decodeDate(text: string, local: boolean): Date {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = text
      .replace(/\..*$/, '')
      .split(/(?<=\d)[-T:]/)
      .map(Number);
    const fraction = /\.(\d+)$/.exec(text)?.[1] ?? '';
    const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3));
    return this.driver.makeDate(local, year, month, day, hour, minute, second, milliseconds, 0);
  }

  private decodeInterval(total: bigint): unknown {
    const nanoseconds = Number(total % BigInt(NANOSECONDS));
    const seconds = Number(total / BigInt(NANOSECONDS));
    return new this.driver.IntervalDS({
      days: Math.trunc(seconds / 86_400),
      hours: Math.trunc(seconds / 3600) % 24,
      minutes: Math.trunc(seconds / 60) % 60,
      seconds: seconds % 60,
      fseconds: nanoseconds,
    });
  }

  private decodeLob(locator: Locator, wanted: DbType, connection: Connection): Lob {
    const lob = new this.driver.ThinLobImpl();
    const bytes = Buffer.alloc(LOCATOR_LENGTH);
    bytes.writeUInt32BE(locator.lob);
    lob.init(connection, bytes, wanted, locator.length, CHUNK_SIZE);
    return lob;
  }

  /** An OUT bind's value, which the server converts to the bind's type. */
  decodeOut(value: unknown, variable: Variable, connection: Connection): unknown {
    if (value === null || value === undefined) return null;
    if (isLocator(value)) return this.decodeLob(value, variable.type, connection);
    switch (this.bindType(variable)) {
      case 'number':
        return Number.parseFloat(value as string);
      case 'varchar':
      case 'clob':
        return (value as string | number).toString();
      default:
        return this.decode(value, variable.type, variable.type, connection);
    }
  }
}

export function dbType(types: Record<string, DbType>, name: string): DbType {
  const found = types[`DB_TYPE_${name}`];
  if (found === undefined) throw new Error(`stand-in: the driver has no type ${name}`);
  return found;
}

/** The locator's first bytes hold the number, the rest is never looked at. */
export function lobNumber(lob: Lob): number {
  return lob._locator.readUInt32BE();
}

function isLocator(value: unknown): value is Locator {
  return typeof value === 'object' && value !== null && 'lob' in value;
}
