import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Session, type StandInUser, Users } from './auth.js';
import { CATALOG_COMMANDS } from './commands-catalog.js';
import { READ_COMMANDS } from './commands-read.js';
import { OPEN_COMMANDS, SERVER_COMMANDS, SERVER_VERSION } from './commands-server.js';
import { WRITE_COMMANDS } from './commands-write.js';
import type { Context, Handler, ServerState } from './commands.js';
import { Cursors } from './cursors.js';
import { CommandError } from './errors.js';
import { Faults, type Fault } from './faults.js';
import { Storage } from './storage.js';
import { isPlainObject, optionNumber, type PlainObject } from './values.js';
import { frameReply, MessageReader, parseMessage, type Request } from './wire.js';

/**
 * A MongoDB server for tests where there is no real one: the real driver talks to it over TCP.
 *
 * Real: the wire protocol (OP_MSG with both section kinds, unacknowledged requests and checksums;
 * OP_QUERY for the handshake), SCRAM-SHA-256, cursors with batch sizes and the 16 MB limit, documents
 * byte for byte as they were inserted, MongoDB's order over BSON types and the type bracketing of its
 * filters, hints with `min`/`max`, error codes.
 * Faked: it keeps all in memory; it is a standalone server of one version; sessions, concerns and time
 * limits do nothing; a hint orders a find and is no matter to a count or an aggregation; a cursor is a
 * snapshot and never times out; sizes are those of the BSON; from the first stage of an aggregation
 * that is not plain on, mingo computes, and numbers are JavaScript's.
 * Refused (code 238, by name): collation, views, capped and time-series collections, unique or partial
 * indexes, validators, `$where`, `$text`, `$jsonSchema`, geo and bit operators, positional updates and
 * array filters, pipelines as updates, `$out`, `$merge`, `$indexStats`; and, with the codes of a real
 * standalone server, transactions and change streams.
 * Missing: TLS, compression, roles (a user may do everything), findAndModify, bulkWrite, explain.
 */
export interface StandIn {
  /** `mongodb://127.0.0.1:PORT`, without user or database. */
  readonly url: string;
  readonly version: string;
  /** Every command that came in, oldest first, handshakes and pings included. */
  readonly commands: readonly LoggedCommand[];
  /** Cursors that are open now. */
  readonly openCursors: number;
  /** Connections that are open now. */
  readonly openConnections: number;
  /** Makes a command to come fail; see `Fault`. */
  failNext(fault: Fault): void;
  /** Holds every answer back for so many milliseconds from now on; 0 ends it. */
  delayReplies(milliseconds: number): void;
  /** Closes all connections and the port. */
  stop(): Promise<void>;
}

/** A command as a test asks about it; values are BSON classes (Int32, Long, …). */
interface LoggedCommand {
  name: string;
  database: string;
  collection?: string;
  filter?: PlainObject;
  sort?: PlainObject;
  projection?: PlainObject;
  limit?: number;
  batchSize?: number;
  connectionId: number;
}

export interface StandInOptions {
  /** Demand authentication, by SCRAM-SHA-256 against `admin`. */
  users?: StandInUser[];
}

const HANDLERS: Record<string, Handler> = {
  ...SERVER_COMMANDS,
  ...READ_COMMANDS,
  ...WRITE_COMMANDS,
  ...CATALOG_COMMANDS,
};

/** What the connections of one server share. */
interface Shared {
  state: ServerState;
  faults: Faults;
  log: LoggedCommand[];
  delay: number;
}

/** Starts a server on a free port of 127.0.0.1. */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const sockets = new Set<Socket>();
  const state: ServerState = {
    storage: new Storage(),
    cursors: new Cursors(),
    users: new Users(options.users ?? []),
    startedAt: Date.now(),
    connections: () => sockets.size,
  };
  const shared: Shared = { state, faults: new Faults(), log: [], delay: 0 };
  let lastConnection = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    lastConnection += 1;
    serve(socket, lastConnection, shared);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}`,
    version: SERVER_VERSION,
    commands: shared.log,
    get openCursors() {
      return state.cursors.count;
    },
    get openConnections() {
      return sockets.size;
    },
    failNext: (fault) => {
      shared.faults.add(fault);
    },
    delayReplies: (milliseconds) => {
      shared.delay = milliseconds;
    },
    stop: async () => {
      if (!server.listening) return;
      const closed = [once(server, 'close'), ...Array.from(sockets, (socket) => once(socket, 'close'))];
      server.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

/** Serves one connection: its commands run one after the other, in the order they came. */
function serve(socket: Socket, connectionId: number, shared: Shared): void {
  const reader = new MessageReader();
  const session = new Session(shared.state.users);
  const isGone = (): boolean => socket.destroyed;
  let queue = Promise.resolve();
  let lastResponse = 0;
  const answer = async (message: Buffer): Promise<void> => {
    if (isGone()) return;
    const request = parseMessage(message);
    const reply = runCommand(request, session, connectionId, shared);
    if (shared.delay > 0) await sleep(shared.delay);
    if (reply === 'close') socket.destroy();
    if (reply === 'close' || reply === 'silence' || !request.wantsReply || isGone()) return;
    lastResponse += 1;
    socket.write(frameReply(request, lastResponse, reply));
  };
  // What cannot be read as a message ends the connection, as on the server.
  const end = (): void => {
    socket.destroy();
  };
  // A client that goes away resets the connection; that is no fault of the server.
  socket.on('error', end);
  socket.on('data', (chunk) => {
    try {
      for (const message of reader.push(chunk)) queue = queue.then(() => answer(message)).catch(end);
    } catch {
      end();
    }
  });
}

function runCommand(
  request: Request,
  session: Session,
  connectionId: number,
  { state, faults, log }: Shared,
): PlainObject | 'close' | 'silence' {
  const { body } = request;
  const name = Object.keys(body)[0] ?? '';
  const database = typeof body.$db === 'string' ? body.$db : 'admin';
  const context: Context = { server: state, session, connectionId, request, name, body, database };
  log.push(describeCommand(context));
  try {
    const fault = faults.take(name);
    if (fault) return fault;
    const handler = Object.hasOwn(HANDLERS, name) ? HANDLERS[name] : undefined;
    if (!session.isAllowed && !OPEN_COMMANDS.has(name)) {
      throw new CommandError(13, `Command ${name} requires authentication`);
    }
    if (!handler) throw new CommandError(59, `no such command: '${name}'`);
    return handler(context);
  } catch (error) {
    const failure = error instanceof CommandError ? error : new CommandError(1, brokenBy(error));
    return { ok: 0, errmsg: failure.message, code: failure.code, codeName: failure.codeName };
  }
}

/** A fault of the stand-in itself: told with its stack, so that the test that meets it says where. */
function brokenBy(error: unknown): string {
  return `the MongoDB stand-in of the tests failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

function describeCommand({ name, database, body, connectionId }: Context): LoggedCommand {
  const target = name === 'getMore' ? body.collection : body[name];
  const cursor = isPlainObject(body.cursor) ? body.cursor : body;
  const filter = body.filter ?? body.query;
  return {
    name,
    database,
    connectionId,
    ...(typeof target === 'string' ? { collection: target } : {}),
    ...(isPlainObject(filter) ? { filter } : {}),
    ...(isPlainObject(body.sort) ? { sort: body.sort } : {}),
    ...(isPlainObject(body.projection) ? { projection: body.projection } : {}),
    ...(body.limit === undefined ? {} : { limit: optionNumber(body.limit, 0) }),
    ...(cursor.batchSize === undefined ? {} : { batchSize: optionNumber(cursor.batchSize, 0) }),
  };
}
