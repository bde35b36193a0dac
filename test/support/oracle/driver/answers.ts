import type { DbType, Internals, Message, Variable } from './internals.js';
import type { Requests } from './requests.js';
import { type Values, dbType } from './values.js';

interface Column {
  name: string;
  /** The end of one of the driver's DB_TYPE_… */
  type: string;
  nullable: boolean;
  precision?: number;
  scale?: number;
  size?: number;
}

/** What the server answers. */
export interface Answer {
  error?: { number: number; text: string };
  inTransaction?: boolean;
  columns?: Column[];
  rows?: unknown[][];
  more?: boolean;
  rowCount?: number;
  rowCounts?: number[];
  batchErrors?: { row: number; number: number; text: string }[];
  /** Per execution the rows, and per row the columns, of RETURNING … INTO. */
  returned?: unknown[][][];
  /** All binds of a block, after it ran. */
  out?: unknown[];
  lengthSemantics?: 'BYTE' | 'CHAR';
  lob?: number;
  amount?: number;
  data?: string;
  sessionId?: number;
  serial?: number;
}

const MAX_LONG = 2_147_483_647;
/** Errors after which a client may try again elsewhere, as the driver has them. */
const RECOVERABLE = new Set([28, 1012, 3113, 3114, 3135]);
/** As the login of a 19c server tells it: 19.3.0.0.0. */
const VERSION_NUMBER = (19 << 24) | (3 << 16);
const MAX_STRING_BYTES = 4000;

/** Brings the server's answers into the driver's messages, as decoding them would. */
export class Answers {
  constructor(
    private readonly driver: Internals,
    private readonly values: Values,
    private readonly requests: Requests,
  ) {}

  apply(message: Message, answer: Answer): void {
    const { constants } = this.driver;
    message.endOfResponse = true;
    message.callStatus =
      answer.inTransaction === true ? (constants['TNS_EOCS_FLAGS_TXN_IN_PROGRESS'] ?? 0) : 0;
    if (answer.error !== undefined) {
      this.fail(message, answer.error);
      return;
    }
    switch (this.driver.messageNames.get(message.constructor)) {
      case 'AuthMessage':
        this.loggedIn(message, answer);
        break;
      case 'ExecuteMessage':
        this.executed(message, answer);
        break;
      case 'FetchMessage':
        this.fetched(message, answer);
        break;
      case 'LobOpMessage':
        this.lobDone(message, answer);
        break;
      default:
    }
  }

  private fail(message: Message, { number, text }: NonNullable<Answer['error']>): void {
    message.errorOccurred = true;
    message.errorInfo = {
      num: number,
      pos: 0,
      message: oraMessage(number, text),
      isRecoverable: RECOVERABLE.has(number),
    };
  }

  private loggedIn(message: Message, { sessionId, serial }: Answer): void {
    const { constants } = this.driver;
    if (sessionId === undefined || serial === undefined) {
      message.functionCode = constants['TNS_FUNC_AUTH_PHASE_TWO'] ?? 0;
      return;
    }
    Object.assign(message.sessionData, {
      AUTH_VERSION_NO: String(VERSION_NUMBER),
      AUTH_SC_DBUNIQUE_NAME: 'STANDIN',
      AUTH_SC_SERVICE_NAME: 'DBTOOL_STANDIN',
      AUTH_INSTANCENAME: 'standin',
      AUTH_DBNAME: 'STANDIN',
      AUTH_MAX_OPEN_CURSORS: '300',
      AUTH_MAX_IDEN_LENGTH: '128',
    });
    message.connection.sessionID = sessionId;
    message.connection.serialNum = serial;
  }

  private executed(message: Message, answer: Answer): void {
    const { statement, options } = message;
    if (answer.lengthSemantics !== undefined)
      this.requests.state(message.connection).rules.lengthSemantics = answer.lengthSemantics;
    if (answer.columns !== undefined) this.describe(message, answer.columns);
    if (answer.rows !== undefined) this.fetched(message, answer);
    if (answer.out !== undefined) this.setOutBinds(message, answer.out);
    if (answer.returned !== undefined) this.setReturned(message, answer.returned);
    if (statement.isPlSql !== true && statement.isQuery !== true) statement.rowCount = answer.rowCount ?? 0;
    if (message.arrayDmlRowCounts === true) options.dmlRowCounts = answer.rowCounts;
    if (message.batchErrors === true) options.batchErrors = (answer.batchErrors ?? []).map(batchError);
  }

  /** A statement that is run again keeps what it was described as, and how its LOBs are fetched. */
  private describe(message: Message, columns: Column[]): void {
    const { statement, resultSet } = message;
    const variables = columns.map((column, index) => this.variable(column, index, message));
    const before = statement.queryVars;
    const same =
      before.length === variables.length &&
      before.every(({ fetchInfo }, index) => sameColumn(fetchInfo, variables[index]?.fetchInfo));
    if (same) {
      message.outVariables = before;
      return;
    }
    for (const [index, variable] of variables.entries()) {
      const previous = before[index];
      if (previous?.fetchInfo?.fetchType) message._adjustFetchType(previous, variable);
    }
    statement.queryVars = variables;
    statement.numQueryVars = variables.length;
    statement.bufferRowCount = 0;
    statement.bufferRowIndex = 0;
    resultSet.metaData = variables.map((variable) => variable.fetchInfo);
    message.outVariables = variables;
    message.resultSetsToSetup.push(resultSet);
  }

  private variable(column: Column, index: number, message: Message): Variable {
    const type = dbType(this.driver.types, column.type);
    const fetchInfo = {
      name: column.name,
      dbColumnName: column.name,
      nullable: column.nullable,
      dbType: type,
      isJson: false,
      isOson: false,
      ...this.sizes(type, column),
    };
    return {
      fetchInfo,
      type,
      maxSize: column.size ?? MAX_STRING_BYTES,
      columnNum: index + 1,
      values: new Array<unknown>(message.options.fetchArraySize),
    };
  }

  private sizes(type: DbType, column: Column): Record<string, number | undefined> {
    const { types } = this.driver;
    if (type === types['DB_TYPE_NUMBER']) return { precision: column.precision, scale: column.scale };
    if (/TIMESTAMP/.test(column.type)) return { precision: column.precision };
    return column.size === undefined ? {} : { byteSize: column.size };
  }

  private fetched(message: Message, { rows = [], more }: Answer): void {
    const { statement } = message;
    for (const row of rows) {
      for (const [index, variable] of statement.queryVars.entries()) {
        const type = variable.fetchInfo?.dbType ?? variable.type;
        variable.values[message.rowIndex] = this.values.decode(
          row[index],
          type,
          variable.type,
          message.connection,
        );
      }
      statement.lastRowIndex = message.rowIndex;
      message.rowIndex += 1;
      statement.bufferRowCount += 1;
    }
    if (more === false) statement.moreRowsToFetch = false;
  }

  private setOutBinds(message: Message, out: unknown[]): void {
    const { constants } = this.driver;
    const { bindInfoList } = message.statement;
    message.outVariables = [];
    for (const [index, { bindVar }] of bindInfoList.entries()) {
      if (bindVar.dir === constants['BIND_IN']) continue;
      bindVar.values[message.offset] = this.values.decodeOut(out[index], bindVar, message.connection);
      message.outVariables.push(bindVar);
    }
  }

  private setReturned(message: Message, returned: unknown[][][]): void {
    const variables = message.statement.bindInfoList
      .filter((bind) => bind.isReturnBind)
      .map((bind) => bind.bindVar);
    for (const [execution, rows] of returned.entries()) {
      for (const [index, variable] of variables.entries()) {
        variable.values[execution + message.offset] = rows.map((row) =>
          this.returnedValue(row[index], variable, message),
        );
      }
    }
    message.outVariables = variables;
  }

  private returnedValue(value: unknown, variable: Variable, message: Message): unknown {
    const decoded = this.values.decodeOut(value, variable, message.connection);
    const tooLong =
      typeof decoded === 'string' && Buffer.byteLength(decoded) > (variable.maxSize ?? MAX_LONG);
    if (tooLong) message.saveDeferredErr(this.driver.errors['ERR_INSUFFICIENT_BUFFER_FOR_BINDS'] ?? 0);
    return decoded;
  }

  private lobDone(message: Message, answer: Answer): void {
    const { constants, types } = this.driver;
    if (answer.lob !== undefined) message.sourceLobImpl._locator.writeUInt32BE(answer.lob);
    if (message.operation === constants['TNS_LOB_OP_GET_CHUNK_SIZE']) message.amount = 8060;
    if (answer.amount !== undefined) message.amount = answer.amount;
    if (answer.data !== undefined) {
      const binary = message.sourceLobImpl.dbType === types['DB_TYPE_BLOB'];
      message.data = binary ? Buffer.from(answer.data, 'base64') : answer.data;
    }
  }
}

function oraMessage(number: number, text: string): string {
  return `ORA-${String(number).padStart(5, '0')}: ${text}`;
}

/** The driver gives errors of rows without `errorNum`, and with the line's end that the server sends. */
function batchError({ row, number, text }: { row: number; number: number; text: string }): Error {
  return Object.assign(new Error(`${oraMessage(number, text)}\n`), { offset: row });
}

function sameColumn(one: Variable['fetchInfo'], other: Variable['fetchInfo']): boolean {
  return one !== undefined && other !== undefined && one.dbType === other.dbType && one.name === other.name;
}
