/*
 * The parts of node-oracledb 7's thin driver that the stand-in touches. They are not its public interface:
 * another release of the driver may need another patch.
 */

/** One of oracledb.DB_TYPE_…, compared by identity. */
export interface DbType {
  name: string;
}

export interface Variable {
  type: DbType;
  maxSize?: number;
  dir?: number;
  isArray?: boolean;
  /** By row of executeMany, or by row fetched. */
  values: unknown[];
  fetchInfo?: { name: string; dbType: DbType; fetchType?: DbType };
  columnNum?: number;
}

interface BindInfo {
  bindName: string;
  isReturnBind: boolean;
  bindVar: Variable;
}

export interface Statement {
  sql: string;
  cursorId: number;
  isQuery?: boolean;
  isDml?: boolean;
  isDdl?: boolean;
  isPlSql?: boolean;
  isReturning?: boolean;
  requiresDefine: boolean;
  noPrefetch: boolean;
  moreRowsToFetch: boolean;
  bindInfoList: BindInfo[];
  queryVars: Variable[];
  numQueryVars: number;
  bufferRowCount: number;
  bufferRowIndex: number;
  lastRowIndex: number;
  rowCount?: number;
}

export interface Lob {
  _locator: Buffer;
  dbType: DbType;
  init(connection: Connection, locator: Buffer, dbType: DbType, length: number, chunkSize: number): void;
}

/** The driver's ThinConnectionImpl. */
export interface Connection {
  nscon: NetworkSession;
  statementCache?: { _cursorsToClose: Set<number> };
  _tempLobsToClose: Buffer[];
  _tempLobsTotalSize: number;
  [modified: `_${string}Modified`]: unknown;
  [attribute: `_${string}`]: unknown;
  sessionID: number;
  serialNum: number;
  currentSchema: string;
}

export interface NetworkSession {
  /** Undefined until the session has begun to connect. */
  cDataNVPair?: unknown;
}

interface ResultSet {
  metaData: unknown[];
}

/** Any message; what a kind of message has of its own is optional here. */
export interface Message {
  connection: Connection;
  errorInfo: Record<string, unknown>;
  errorOccurred: boolean;
  callStatus: number;
  endOfResponse: boolean;
  // Executing and fetching
  statement: Statement;
  options: {
    autoCommit?: boolean;
    prefetchRows?: number;
    fetchArraySize: number;
    batchErrors?: unknown;
    dmlRowCounts?: unknown;
  };
  resultSet: ResultSet;
  resultSetsToSetup: ResultSet[];
  outVariables: Variable[];
  numExecs: number;
  offset: number;
  rowIndex: number;
  batchErrors?: boolean;
  arrayDmlRowCounts?: boolean;
  parseOnly?: boolean;
  _adjustFetchType(previous: Variable, variable: Variable): void;
  saveDeferredErr(number: number): void;
  // LOBs
  operation: number;
  sourceLobImpl: Lob;
  sourceOffset: number;
  destOffset: number;
  amount: number;
  data?: unknown;
  // Logging in
  username: string;
  password: string;
  newPassword?: string;
  functionCode: number;
  sessionData: Record<string, string>;
  getAlterTimezoneStatement(): string;
  program?: string;
  machine?: string;
  osUser?: string;
  terminal?: string;
}

interface DriverBuffer {
  buf: Buffer;
  pos: number;
  writeOracleNumber(value: string, writeLength: boolean): void;
  writeOracleDate(value: Date, type: DbType, writeLength: boolean): void;
}

export interface ReadBuffer {
  caps: { maxStringSize: number; ttcFieldVersion: number };
  savePoint(): void;
  readUInt32BE(): number;
  readBytes(length: number): Buffer;
}

export interface WriteBuffer {
  startRequest(packetType: number): void;
  writeUInt32BE(value: number): void;
  writeBytes(bytes: Buffer): void;
  endRequest(): void;
}

export interface Protocol {
  nsi: NetworkSession;
  writeBuf: WriteBuffer;
  _encodeMessage(message: Message): Promise<void>;
}

type MessageClass = abstract new (...parameters: never[]) => Message;

const MESSAGES = [
  ...['ProtocolMessage', 'DataTypeMessage', 'AuthMessage', 'ExecuteMessage', 'FetchMessage', 'LobOpMessage'],
  ...['CommitMessage', 'RollbackMessage', 'PingMessage', 'LogOffMessage'],
] as const;

export type MessageName =
  | (
      | 'ProtocolMessage'
      | 'DataTypeMessage'
      | 'AuthMessage'
      | 'ExecuteMessage'
      | 'FetchMessage'
      | 'LobOpMessage'
    )
  | ('CommitMessage' | 'RollbackMessage' | 'PingMessage' | 'LogOffMessage');

export interface Internals {
  Protocol: { prototype: Protocol };
  Message: { prototype: { decode(this: Message, buffer: ReadBuffer): void } };
  messageNames: Map<unknown, MessageName>;
  constants: Record<string, number>;
  types: Record<string, DbType>;
  errors: Record<string, number>;
  GrowableBuffer: new () => DriverBuffer;
  ThinLobImpl: new () => Lob;
  IntervalDS: new (parts: Record<string, number>) => unknown;
  makeDate(local: boolean, ...parts: number[]): Date;
  findValue(pair: unknown, path: string[]): string | null;
}

/** @param load loads a module by its path below the driver's folder lib/ */
export function loadInternals(load: (path: string) => unknown): Internals {
  const messages = load('thin/protocol/messages/index.js') as Record<string, MessageClass>;
  const types = load('types.js') as Record<string, DbType> & Pick<Internals, 'IntervalDS'>;
  return {
    Protocol: load('thin/protocol/protocol.js') as Internals['Protocol'],
    Message: load('thin/protocol/messages/base.js') as Internals['Message'],
    messageNames: new Map(MESSAGES.map((name) => [messages[name], name])),
    constants: load('thin/protocol/constants.js') as Record<string, number>,
    types,
    errors: load('errors.js') as Record<string, number>,
    GrowableBuffer: (load('impl/datahandlers/buffer.js') as Pick<Internals, 'GrowableBuffer'>).GrowableBuffer,
    ThinLobImpl: load('thin/lob.js') as Internals['ThinLobImpl'],
    IntervalDS: types.IntervalDS,
    makeDate: (load('util.js') as Pick<Internals, 'makeDate'>).makeDate,
    findValue: (load('thin/sqlnet/nvStrToNvPair.js') as Pick<Internals, 'findValue'>).findValue,
  };
}
