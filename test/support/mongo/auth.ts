import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { Binary } from 'bson';
import { CommandError } from './errors.js';
import type { PlainObject } from './values.js';

/** A user of the stand-in; all users live in `admin` and may do everything. */
export interface StandInUser {
  user: string;
  password: string;
}

const MECHANISM = 'SCRAM-SHA-256';
const ITERATIONS = 4096;

interface Credentials {
  salt: Buffer;
  storedKey: Buffer;
  serverKey: Buffer;
}

interface Conversation {
  credentials: Credentials;
  authMessage: string;
  nonce: string;
  skipEmptyExchange: boolean;
  isProven: boolean;
}

/** The users of a server. Without any, everyone is let in, as with a mongod that has no `--auth`. */
export class Users {
  readonly #users: Map<string, Credentials>;

  constructor(users: readonly StandInUser[]) {
    this.#users = new Map(users.map(({ user, password }) => [user, deriveCredentials(password)]));
  }

  get isRequired(): boolean {
    return this.#users.size > 0;
  }

  find(user: string): Credentials | undefined {
    return this.#users.get(user);
  }
}

function deriveCredentials(password: string): Credentials {
  const salt = randomBytes(28);
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, ITERATIONS, 32, 'sha256');
  return {
    salt,
    storedKey: createHash('sha256').update(hmac(salted, 'Client Key')).digest(),
    serverKey: hmac(salted, 'Server Key'),
  };
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** The authentication state of one connection: SCRAM-SHA-256 by RFC 5802 and RFC 7677. */
export class Session {
  user: string | undefined;
  readonly #users: Users;
  #pendingUser = '';
  #conversation: Conversation | undefined;

  constructor(users: Users) {
    this.#users = users;
  }

  /** Whether commands that read or write are allowed. */
  get isAllowed(): boolean {
    return !this.#users.isRequired || this.user !== undefined;
  }

  mechanismsOf(user: unknown): string[] {
    return typeof user === 'string' && this.#users.find(user.replace(/^admin\./, '')) ? [MECHANISM] : [];
  }

  /** saslStart: takes the client's first message, answers with salt, iterations and nonce. */
  start(command: PlainObject): PlainObject {
    if (command.mechanism !== MECHANISM) {
      throw new CommandError(
        334,
        `Received authentication for mechanism ${String(command.mechanism)} which is not enabled`,
      );
    }
    const clientFirst = payloadText(command.payload).replace(/^[^,]*,[^,]*,/, '');
    const { n: name = '', r: clientNonce = '' } = attributes(clientFirst);
    this.#pendingUser = name.replaceAll('=2C', ',').replaceAll('=3D', '=');
    const credentials = this.#users.find(this.#pendingUser);
    if (!credentials || command.$db !== 'admin') throw refused();
    const nonce = clientNonce + randomBytes(24).toString('base64');
    const serverFirst = `r=${nonce},s=${credentials.salt.toString('base64')},i=${ITERATIONS}`;
    const options = command.options as PlainObject | undefined;
    this.#conversation = {
      credentials,
      nonce,
      authMessage: `${clientFirst},${serverFirst}`,
      skipEmptyExchange: options?.skipEmptyExchange === true,
      isProven: false,
    };
    return saslReply(serverFirst, false);
  }

  /** saslContinue: checks the client's proof, then waits for the empty exchange if the client wants one. */
  continue(command: PlainObject): PlainObject {
    const conversation = this.#conversation;
    if (!conversation) throw new CommandError(17, 'No SASL session state found');
    if (conversation.isProven) {
      this.#complete();
      return saslReply('', true);
    }
    const clientFinal = payloadText(command.payload);
    const { r: nonce, p: proof = '' } = attributes(clientFinal);
    const withoutProof = clientFinal.replace(/,p=.*$/, '');
    const authMessage = `${conversation.authMessage},${withoutProof}`;
    const { storedKey, serverKey } = conversation.credentials;
    if (nonce !== conversation.nonce || !isProof(Buffer.from(proof, 'base64'), storedKey, authMessage)) {
      this.#conversation = undefined;
      throw refused();
    }
    conversation.isProven = true;
    if (conversation.skipEmptyExchange) this.#complete();
    return saslReply(`v=${hmac(serverKey, authMessage).toString('base64')}`, conversation.skipEmptyExchange);
  }

  #complete(): void {
    this.user = this.#pendingUser;
    this.#conversation = undefined;
  }
}

/** The proof is the client key, masked by a signature that only its holder can make. */
function isProof(proof: Buffer, storedKey: Buffer, authMessage: string): boolean {
  const signature = hmac(storedKey, authMessage);
  if (proof.length !== signature.length) return false;
  const clientKey = Buffer.from(proof.map((byte, index) => byte ^ (signature[index] ?? 0)));
  return timingSafeEqual(createHash('sha256').update(clientKey).digest(), storedKey);
}

/** One text for a wrong user and a wrong password: the server does not say which it was. */
function refused(): CommandError {
  return new CommandError(18, 'Authentication failed.');
}

function saslReply(payload: string, done: boolean): PlainObject {
  return { conversationId: 1, done, payload: new Binary(Buffer.from(payload, 'utf8')), ok: 1 };
}

function payloadText(payload: unknown): string {
  if (payload instanceof Binary) return Buffer.from(payload.value()).toString('utf8');
  throw new CommandError(2, 'the SASL payload must be binary');
}

/** `n=user,r=nonce` as an object; values may hold `=`. */
function attributes(text: string): Record<string, string> {
  return Object.fromEntries(text.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}
