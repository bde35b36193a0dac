import { Double, Long } from 'bson';
import type { Context, Handler } from './commands.js';
import { CommandError } from './errors.js';
import { isPlainObject, type PlainObject } from './values.js';
import { MAX_MESSAGE_BYTES } from './wire.js';

/** The release whose behaviour the stand-in follows. */
export const SERVER_VERSION = '8.0.4';
/** The wire version of MongoDB 8.0. */
const MAX_WIRE_VERSION = 25;

/**
 * A standalone server that names no compressors and no topology version: the driver then polls for
 * its state instead of holding a hello open.
 */
const hello: Handler = (context) => {
  const { body, session } = context;
  const reply: PlainObject = {
    helloOk: true,
    ...(context.name.toLowerCase() === 'ismaster' ? { ismaster: true } : { isWritablePrimary: true }),
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: context.connectionId,
    minWireVersion: 0,
    maxWireVersion: MAX_WIRE_VERSION,
    readOnly: false,
  };
  if (body.saslSupportedMechs !== undefined) {
    reply.saslSupportedMechs = session.mechanismsOf(body.saslSupportedMechs);
  }
  if (isPlainObject(body.speculativeAuthenticate)) {
    const started = speculativeStart(context, body.speculativeAuthenticate);
    if (started) reply.speculativeAuthenticate = started;
  }
  return { ...reply, ok: 1 };
};

/** A first SASL step within the hello; when it fails the hello does not, and the client begins anew. */
function speculativeStart({ session }: Context, command: PlainObject): PlainObject | null {
  if (command.saslStart === undefined) return null;
  try {
    return session.start({ ...command, $db: command.db ?? 'admin' });
  } catch (error) {
    if (error instanceof CommandError) return null;
    throw error;
  }
}

const buildInfo: Handler = () => ({
  version: SERVER_VERSION,
  gitVersion: 'stand-in',
  modules: ['stand-in'],
  sysInfo: 'deprecated',
  versionArray: SERVER_VERSION.split('.').map(Number).concat(0),
  bits: 64,
  debug: false,
  maxBsonObjectSize: 16 * 1024 * 1024,
  storageEngines: ['memory'],
  ok: 1,
});

const connectionStatus: Handler = ({ session }) => {
  const user = session.user;
  return {
    authInfo: {
      authenticatedUsers: user === undefined ? [] : [{ user, db: 'admin' }],
      authenticatedUserRoles: user === undefined ? [] : [{ role: 'root', db: 'admin' }],
    },
    ok: 1,
  };
};

const getParameter: Handler = ({ body }) => {
  const known: PlainObject = {
    featureCompatibilityVersion: { version: '8.0' },
    authenticationMechanisms: ['SCRAM-SHA-256'],
  };
  const asked = Object.keys(known).filter((name) => body[name] !== undefined || body.getParameter === '*');
  if (asked.length === 0) throw new CommandError(72, 'no option found to get');
  return { ...Object.fromEntries(asked.map((name) => [name, known[name]])), ok: 1 };
};

const serverStatus: Handler = ({ server }) => ({
  host: '127.0.0.1',
  version: SERVER_VERSION,
  process: 'stand-in',
  pid: Long.fromNumber(process.pid),
  uptime: new Double((Date.now() - server.startedAt) / 1000),
  localTime: new Date(),
  connections: { current: server.connections() },
  metrics: { cursor: { open: { total: Long.fromNumber(server.cursors.count) } } },
  ok: 1,
});

const done: Handler = () => ({ ok: 1 });

export const SERVER_COMMANDS: Record<string, Handler> = {
  hello,
  isMaster: hello,
  ismaster: hello,
  ping: done,
  buildInfo,
  buildinfo: buildInfo,
  connectionStatus,
  getParameter,
  serverStatus,
  // Sessions hold nothing here: cursors live until they are read, killed, or the server stops.
  endSessions: done,
  refreshSessions: done,
  logout: ({ session }) => {
    session.user = undefined;
    return { ok: 1 };
  },
  saslStart: ({ session, body }) => session.start(body),
  saslContinue: ({ session, body }) => session.continue(body),
};

/** What a client may ask before it has said who it is. */
export const OPEN_COMMANDS = new Set(
  'hello isMaster ismaster ping buildInfo buildinfo connectionStatus endSessions logout saslStart saslContinue'.split(
    ' ',
  ),
);
