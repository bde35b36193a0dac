import { OracleError } from '../sql/oracle-error.js';
import { prepare } from '../sql/prepare.js';
import type { H2Statement, SessionRules, StatementBind } from '../sql/prepare-types.js';
import type { Connection, Internals, Lob, Message, MessageName, Statement } from './internals.js';
import { type Values, lobNumber } from './values.js';

export type Request = Record<string, unknown>;

/** What the driver's side knows of a session. */
interface SessionState {
  lastCursor: number;
  rules: SessionRules;
}

const ORACLE_VERSION = 19;
const PREPARED_KEPT = 500;
/** Statements that the server itself understands; they never reach H2. */
const OF_THE_INSTANCE =
  /^\s*(ALTER\s+(SESSION|SYSTEM|USER)|(CREATE|DROP)\s+USER|GRANT|REVOKE|COMMIT|ROLLBACK|SAVEPOINT|SET)\b/i;

/** Turns the driver's messages into requests to the server. */
export class Requests {
  private readonly states = new WeakMap<Connection, SessionState>();
  /** By statement text and bind types; translating costs more than running. */
  private readonly prepared = new Map<string, H2Statement>();

  constructor(
    private readonly driver: Internals,
    private readonly values: Values,
  ) {}

  state(connection: Connection): SessionState {
    const known = this.states.get(connection);
    if (known !== undefined) return known;
    const rules: SessionRules = { version: ORACLE_VERSION, lengthSemantics: 'BYTE' };
    const state = { lastCursor: 0, rules };
    this.states.set(connection, state);
    return state;
  }

  of(message: Message): Request {
    const name = this.driver.messageNames.get(message.constructor);
    if (name === undefined) throw new Error(`stand-in: ${message.constructor.name} is not supported`);
    return { ...this.request(name, message), ...piggybacks(message.connection) };
  }

  private request(name: MessageName, message: Message): Request {
    switch (name) {
      case 'ProtocolMessage':
      case 'DataTypeMessage':
        return { op: 'hello' };
      case 'AuthMessage':
        return this.login(message);
      case 'ExecuteMessage':
        return this.execute(message);
      case 'FetchMessage':
        return { op: 'fetch', ...this.fetching(message.statement, message.options.fetchArraySize) };
      case 'LobOpMessage':
        return this.lobOperation(message);
      case 'CommitMessage':
        return { op: 'commit' };
      case 'RollbackMessage':
        return { op: 'rollback' };
      case 'PingMessage':
        return { op: 'ping' };
      case 'LogOffMessage':
        return { op: 'logoff' };
    }
  }

  /** The driver logs in in two steps; the password travels in the second. */
  private login(message: Message): Request {
    if (message.functionCode === this.driver.constants['TNS_FUNC_AUTH_PHASE_ONE']) return { op: 'hello' };
    if (message.newPassword) throw new Error('stand-in: changing passwords is not supported');
    const zone = /'([^']*)'/.exec(message.getAlterTimezoneStatement())?.[1] ?? 'UTC';
    const { program, machine, osUser, terminal } = message;
    return {
      op: 'login',
      user: message.username,
      password: message.password,
      timeZone: zone,
      client: { program: program ?? process.title, machine, osUser, terminal },
    };
  }

  private execute(message: Message): Request {
    const { statement } = message;
    if (message.parseOnly === true) throw new Error('stand-in: getStatementInfo is not supported');
    if (statement.requiresDefine)
      return { op: 'define', ...this.fetching(statement, message.options.prefetchRows ?? 0) };
    if (statement.isPlSql === true) return this.block(message);
    if (OF_THE_INSTANCE.test(statement.sql)) return { op: 'statement', sql: statement.sql };
    try {
      return this.executeSql(message);
    } catch (error) {
      if (!(error instanceof OracleError)) throw error;
      const text = error.message.replace(/^ORA-\d+: /, '');
      return { op: 'refused', number: error.errorNum, text };
    }
  }

  private executeSql(message: Message): Request {
    const { statement, options } = message;
    const inputs = statement.bindInfoList.filter((bind) => !bind.isReturnBind);
    const outputs = statement.bindInfoList.filter((bind) => bind.isReturnBind);
    const { lengthSemantics } = this.state(message.connection).rules;
    const binds = statement.bindInfoList.map(({ bindVar, isReturnBind }) => ({
      type: this.values.bindTypeOnServer(bindVar),
      returning: isReturnBind,
    }));
    const h2 = this.prepare(statement.sql, binds, { version: ORACLE_VERSION, lengthSemantics });
    const rows = Array.from({ length: message.numExecs }, (_, row) =>
      inputs.map(({ bindVar }) => this.values.encode(bindVar.values[row + message.offset], bindVar)),
    );
    return {
      op: 'execute',
      // What the driver does not know by its first word, RENAME say, is DDL too.
      kind: statement.isQuery === true ? 'query' : statement.isDml === true ? 'dml' : 'ddl',
      cursor: this.cursor(message.connection, statement),
      sql: statement.sql,
      h2: h2.sql,
      returning: h2.returning,
      asLocator: outputs.map(({ bindVar }) => this.isLob(bindVar.type)),
      types: inputs.map(({ bindVar }) => this.values.bindType(bindVar)),
      rows,
      times: message.numExecs,
      fetch: statement.noPrefetch ? 0 : options.prefetchRows,
      autoCommit: options.autoCommit,
      batchErrors: message.batchErrors === true,
    };
  }

  private prepare(sql: string, binds: StatementBind[], rules: SessionRules): H2Statement {
    const key = JSON.stringify([sql, binds, rules]);
    const known = this.prepared.get(key);
    if (known !== undefined) return known;
    const statement = prepare(sql, binds, rules);
    if (this.prepared.size >= PREPARED_KEPT) this.prepared.clear();
    this.prepared.set(key, statement);
    return statement;
  }

  /** The number under which the server keeps the statement's rows; the driver closes it when it forgets it. */
  private cursor(connection: Connection, statement: Statement): number {
    if (statement.cursorId === 0) statement.cursorId = this.state(connection).lastCursor += 1;
    return statement.cursorId;
  }

  private block({ statement, numExecs, offset }: Message): Request {
    if (numExecs !== 1) throw new Error('stand-in: executeMany of PL/SQL is not supported');
    return {
      op: 'block',
      sql: statement.sql,
      binds: statement.bindInfoList.map(({ bindVar }) =>
        this.values.encode(bindVar.values[offset] ?? null, bindVar),
      ),
    };
  }

  private fetching(statement: Statement, count: number): Request {
    const asLocator = statement.queryVars.map(({ type }) => this.isLob(type));
    return { cursor: statement.cursorId, fetch: count, asLocator };
  }

  private isLob(type: unknown): boolean {
    const { DB_TYPE_CLOB, DB_TYPE_NCLOB, DB_TYPE_BLOB } = this.driver.types;
    return type === DB_TYPE_CLOB || type === DB_TYPE_NCLOB || type === DB_TYPE_BLOB;
  }

  private lobOperation(message: Message): Request {
    const { constants, types } = this.driver;
    const lob: Lob = message.sourceLobImpl;
    switch (message.operation) {
      case constants['TNS_LOB_OP_CREATE_TEMP']:
        return { op: 'lobCreate', binary: lob.dbType === types['DB_TYPE_BLOB'] };
      case constants['TNS_LOB_OP_GET_CHUNK_SIZE']:
        return { op: 'ping' };
      case constants['TNS_LOB_OP_GET_LENGTH']:
        return { op: 'lobLength', lob: lobNumber(lob) };
      case constants['TNS_LOB_OP_TRIM']:
        return { op: 'lobTrim', lob: lobNumber(lob), amount: message.amount };
      case constants['TNS_LOB_OP_READ']:
        return { op: 'lobRead', lob: lobNumber(lob), offset: message.sourceOffset, amount: message.amount };
      case constants['TNS_LOB_OP_WRITE']:
        return {
          op: 'lobWrite',
          lob: lobNumber(lob),
          offset: message.sourceOffset,
          data: lob.dbType === types['DB_TYPE_BLOB'] ? toBase64(message.data) : toText(message.data),
        };
      default:
        throw new Error(`stand-in: the LOB operation ${message.operation} is not supported`);
    }
  }
}

function toBase64(data: unknown): string {
  return Buffer.from(data as Buffer).toString('base64');
}

function toText(data: unknown): string {
  return typeof data === 'string' ? data : Buffer.from(data as Buffer).toString();
}

/** What the driver sends along with its next message, whatever that is. */
function piggybacks(connection: Connection): Request {
  const attributes: Record<string, unknown> = {};
  for (const [flag, field, name] of [
    ['_moduleModified', '_module', 'module'],
    ['_actionModified', '_action', 'action'],
    ['_clientInfoModified', '_clientInfo', 'clientInfo'],
    ['_clientIdentifierModified', '_clientIdentifier', 'clientIdentifier'],
  ] as const) {
    if (connection[flag] !== true) continue;
    attributes[name] = connection[field];
    connection[flag] = false;
  }
  const cursors = connection.statementCache?._cursorsToClose;
  const closeCursors = [...(cursors ?? [])];
  cursors?.clear();
  const freeLobs = connection._tempLobsToClose.map((locator) => locator.readUInt32BE());
  connection._tempLobsToClose = [];
  connection._tempLobsTotalSize = 0;
  return { attributes, closeCursors, freeLobs };
}
