import type { Session, Users } from './auth.js';
import type { Cursors } from './cursors.js';
import { CommandError, notImplemented } from './errors.js';
import type { Storage } from './storage.js';
import type { PlainObject } from './values.js';
import type { Request } from './wire.js';

/** The state of one server that commands work on. */
export interface ServerState {
  storage: Storage;
  cursors: Cursors;
  users: Users;
  startedAt: number;
  /** Connections open now. */
  connections(): number;
}

/** One command in its surroundings. */
export interface Context {
  server: ServerState;
  session: Session;
  connectionId: number;
  request: Request;
  /** The command's name as the client wrote it. */
  name: string;
  body: PlainObject;
  database: string;
}

export type Handler = (context: Context) => PlainObject;

/** The collection a command names, which its first field holds. */
export function collectionName(context: Context, field = context.name): string {
  const name = context.body[field];
  if (typeof name !== 'string' || name === '') {
    throw new CommandError(73, `Invalid namespace specified '${context.database}.${String(name)}'`);
  }
  return name;
}

export function namespaceOf(context: Context, collection: string): string {
  return `${context.database}.${collection}`;
}

/** Options every command may carry: sessions, concerns, the client's comment, the time limit. */
const COMMON_FIELDS = new Set(
  '$db $readPreference $clusterTime lsid apiVersion apiStrict apiDeprecationErrors readConcern writeConcern comment maxTimeMS let'.split(
    ' ',
  ),
);

/**
 * Refuses what a command does not take. The server answers 40415 to a field it does not know; a field
 * it knows and the stand-in does not (`unsupported`) is refused by name when it is set.
 */
export function checkFields(context: Context, known: string, unsupported = ''): void {
  const names = new Set(known.split(' '));
  const refused = new Set(unsupported.split(' '));
  if (context.body.startTransaction !== undefined || context.body.txnNumber !== undefined) {
    throw new CommandError(20, 'Transaction numbers are only allowed on a replica set member or mongos');
  }
  for (const [field, value] of Object.entries(context.body)) {
    if (field === context.name || names.has(field) || COMMON_FIELDS.has(field)) continue;
    if (!refused.has(field)) {
      throw new CommandError(40415, `BSON field '${context.name}.${field}' is an unknown field.`);
    }
    if (value !== false && value !== undefined) throw notImplemented(`${context.name} with ${field}`);
  }
}
