/*
 * PGlite, which is Postgres compiled for WebAssembly, with the extension vector at hand, as a server on
 * 127.0.0.1. Prints the port that it listens on, and ends with its standard input.
 *
 * There is one session, in which clients take turns: by statements, or by transactions once they have begun
 * one. What one client sets is set for all.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';

/** What may stand in the place of a protocol's version: a request for TLS or GSSAPI, or to cancel a query. */
const ENCRYPTION_REQUESTS = [80877103, 80877104];
const CANCEL_REQUEST = 80877102;

const COPY_IN = /\bCOPY\b[^;]*\bFROM STDIN\b/i;
/** That rows may come, as text; of how many columns is left out, and no client asks. */
const COPY_IN_RESPONSE = Buffer.from('G\0\0\0\x07\0\0\0', 'latin1');
const ROLLBACK = Buffer.from('Q\0\0\0\x0dROLLBACK\0', 'latin1');

interface Message {
  /** A letter; empty for the first of a client. */
  kind: string;
  bytes: Buffer;
}

interface Turn {
  client: Socket;
  request: Buffer;
  resolve: (answer: Buffer) => void;
}

const engine = await PGlite.create({ extensions: { vector } });
const waiting: Turn[] = [];
/** Who is in a transaction, and has the session to itself until that ends. */
let owner: Socket | undefined;
let isBusy = false;

function ask(client: Socket, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    waiting.push({ client, request, resolve });
    takeTurns().catch(reject);
  });
}

async function takeTurns(): Promise<void> {
  if (isBusy) return;
  isBusy = true;
  for (;;) {
    const next = waiting.findIndex(({ client }) => owner === undefined || owner === client);
    const [turn] = next === -1 ? [] : waiting.splice(next, 1);
    if (!turn) break;
    const answer = Buffer.from(await engine.execProtocolRaw(turn.request));
    owner = isInTransaction(answer) ? turn.client : undefined;
    turn.resolve(answer);
  }
  isBusy = false;
}

/** An answer ends with whether the session is idle. */
const isInTransaction = (answer: Buffer): boolean => answer.toString('latin1', answer.length - 1) !== 'I';

/** @param untyped whether the first has no letter for its kind */
function split(bytes: Buffer, untyped = false): { messages: Message[]; rest: Buffer } {
  const messages: Message[] = [];
  let at = 0;
  for (let kindBytes = untyped ? 0 : 1; bytes.length >= at + kindBytes + 4; kindBytes = 1) {
    const end = at + kindBytes + bytes.readInt32BE(at + kindBytes);
    if (bytes.length < end) break;
    messages.push({ kind: bytes.toString('latin1', at, at + kindBytes), bytes: bytes.subarray(at, end) });
    at = end;
  }
  return { messages, rest: bytes.subarray(at) };
}

async function* messagesOf(client: Socket): AsyncGenerator<Message, void> {
  let rest: Buffer = Buffer.alloc(0);
  let hasStarted = false;
  for await (const chunk of client as AsyncIterable<Buffer>) {
    let messages: Message[];
    ({ messages, rest } = split(Buffer.concat([rest, chunk]), !hasStarted));
    for (const message of messages) {
      const request = message.kind === '' ? message.bytes.readInt32BE(4) : undefined;
      if (request === CANCEL_REQUEST) return;
      if (request !== undefined && ENCRYPTION_REQUESTS.includes(request)) client.write('N');
      else {
        hasStarted = true;
        yield message;
      }
    }
  }
}

async function serve(client: Socket): Promise<void> {
  /** Messages that are for the engine together: up to Sync, or a COPY with its rows, which it reads in one go. */
  let together: Buffer[] = [];
  let isCopying = false;
  for await (const { kind, bytes } of messagesOf(client)) {
    if (kind === 'X') return;
    together.push(bytes);
    if (kind === 'Q' && COPY_IN.test(bytes.toString())) {
      isCopying = true;
      client.write(COPY_IN_RESPONSE);
    } else if (kind === '' || kind === 'Q' || kind === 'S' || (isCopying && (kind === 'c' || kind === 'f'))) {
      isCopying = false;
      const answer = await ask(client, Buffer.concat(together));
      together = [];
      // That rows may come was said before.
      const said = split(answer).messages.filter((message) => message.kind !== 'G');
      client.write(Buffer.concat(said.map((message) => message.bytes)));
    }
  }
}

const server = createServer((client) => {
  client.setNoDelay(true);
  serve(client)
    // One that is killed breaks its connection.
    .catch(() => undefined)
    .then(() => (owner === client ? ask(client, ROLLBACK) : undefined))
    .finally(() => client.destroy())
    .catch((error: unknown) => {
      throw error;
    });
}).listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
process.stdin.resume().on('end', () => process.exit());
