import { deserialize, serialize } from 'bson';
import { buildDocument, documentsInArray, elementsOf } from './documents.js';
import { FAITHFUL, type PlainObject } from './values.js';

/**
 * The wire protocol: OP_MSG, and OP_QUERY with OP_REPLY for the handshake of older kind. OP_COMPRESSED
 * never comes, as the server names no compressors in its hello.
 */
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER_BYTES = 16;

const FLAG_CHECKSUM = 1 << 0;
const FLAG_MORE_TO_COME = 1 << 1;
/** Bits 0 to 15 must be understood by a receiver; bit 16 (exhaustAllowed) may be ignored, and is. */
const KNOWN_REQUIRED_FLAGS = FLAG_CHECKSUM | FLAG_MORE_TO_COME;

export const MAX_MESSAGE_BYTES = 48_000_000;

/** One command as it came in. */
export interface Request {
  requestId: number;
  /** OP_QUERY is answered by OP_REPLY. */
  isLegacy: boolean;
  /** False when the client wants no answer (unacknowledged writes). */
  wantsReply: boolean;
  /** The command, parsed without promotion; its first key is the command's name. */
  body: PlainObject;
  /** Documents of a command (`documents`, `updates`, …) as their bytes, from wherever they stood. */
  rawDocuments(name: string): Uint8Array[];
}

/** The client spoke something that is no request of this protocol; the connection is to be closed. */
class ProtocolError extends Error {}

/** Cuts a TCP stream into messages. */
export class MessageReader {
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** Takes the next piece of the stream and returns the messages that are whole by now. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const messages: Buffer[] = [];
    for (
      let length = this.#nextLength();
      length !== null && this.#bytes >= length;
      length = this.#nextLength()
    ) {
      const all = Buffer.concat(this.#chunks, this.#bytes);
      messages.push(all.subarray(0, length));
      this.#chunks = [all.subarray(length)];
      this.#bytes -= length;
    }
    return messages;
  }

  #nextLength(): number | null {
    if (this.#bytes < HEADER_BYTES) return null;
    const [first = Buffer.alloc(0)] = this.#chunks;
    const head = first.length >= HEADER_BYTES ? first : Buffer.concat(this.#chunks, this.#bytes);
    // A large message comes in thousands of chunks; joining must not be done for each of them.
    if (head !== first) this.#chunks = [head];
    const length = head.readInt32LE(0);
    if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES) {
      throw new ProtocolError(`a message of ${length} bytes`);
    }
    return length;
  }
}

/** Reads one message. Throws ProtocolError for a broken one or an opcode that is not spoken. */
export function parseMessage(message: Buffer): Request {
  const opcode = message.readInt32LE(12);
  if (opcode === OP_MSG) return parseMsg(message);
  if (opcode === OP_QUERY) return parseQuery(message);
  throw new ProtocolError(`opcode ${opcode}`);
}

function parseQuery(message: Buffer): Request {
  const nameEnd = message.indexOf(0, HEADER_BYTES + 4);
  // After the collection's name: numberToSkip and numberToReturn.
  const body = documentAt(message, nameEnd + 1 + 8);
  return {
    requestId: message.readInt32LE(4),
    isLegacy: true,
    wantsReply: true,
    body: {
      ...deserialize(body, FAITHFUL),
      $db: message.toString('utf8', HEADER_BYTES + 4, nameEnd).split('.')[0],
    },
    rawDocuments: () => [],
  };
}

function parseMsg(message: Buffer): Request {
  const flags = message.readUInt32LE(HEADER_BYTES);
  if ((flags & 0xffff & ~KNOWN_REQUIRED_FLAGS) !== 0) throw new ProtocolError(`unknown flag bits ${flags}`);
  const end = flags & FLAG_CHECKSUM ? message.length - 4 : message.length;
  if (end < message.length && crc32c(message.subarray(0, end)) !== message.readUInt32LE(end)) {
    throw new ProtocolError('the checksum does not fit');
  }
  let body: Buffer | undefined;
  const sequences = new Map<string, Buffer[]>();
  for (let offset = HEADER_BYTES + 4; offset < end;) {
    const kind = message[offset];
    offset += 1;
    if (kind === 0) {
      body = documentAt(message, offset);
      offset += body.length;
    } else if (kind === 1) {
      const size = message.readInt32LE(offset);
      const { name, documents } = parseSequence(message.subarray(offset + 4, offset + size));
      sequences.set(name, documents);
      offset += size;
    } else {
      throw new ProtocolError(`section kind ${kind}`);
    }
  }
  if (!body) throw new ProtocolError('no body section');
  const raw = body;
  return {
    requestId: message.readInt32LE(4),
    isLegacy: false,
    wantsReply: (flags & FLAG_MORE_TO_COME) === 0,
    body: deserialize(raw, FAITHFUL),
    rawDocuments: (name) => sequences.get(name) ?? documentsOfField(raw, name),
  };
}

function parseSequence(section: Buffer): { name: string; documents: Buffer[] } {
  const nameEnd = section.indexOf(0);
  const documents: Buffer[] = [];
  for (let offset = nameEnd + 1; offset < section.length; offset += documents.at(-1)?.length ?? 0) {
    documents.push(documentAt(section, offset));
  }
  return { name: section.toString('utf8', 0, nameEnd), documents };
}

function documentAt(buffer: Buffer, offset: number): Buffer {
  const length = offset + 5 <= buffer.length ? buffer.readInt32LE(offset) : 0;
  if (length < 5 || offset + length > buffer.length)
    throw new ProtocolError('a document runs over its message');
  return buffer.subarray(offset, offset + length);
}

function documentsOfField(raw: Uint8Array, name: string): Uint8Array[] {
  const element = elementsOf(raw).find((candidate) => candidate.name === name);
  return (element && documentsInArray(element.value)) ?? [];
}

/** Frames an answer to a request. */
export function frameReply(request: Request, responseId: number, reply: PlainObject): Buffer {
  const document = buildDocument(reply);
  const prefix = request.isLegacy ? Buffer.alloc(20) : Buffer.alloc(5);
  // OP_REPLY: flags AwaitCapable (8), no cursor, starting from 0, one document.
  if (request.isLegacy) {
    prefix.writeInt32LE(8, 0);
    prefix.writeInt32LE(1, 16);
  }
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + prefix.length + document.length, 0);
  header.writeInt32LE(responseId, 4);
  header.writeInt32LE(request.requestId, 8);
  header.writeInt32LE(request.isLegacy ? OP_REPLY : OP_MSG, 12);
  return Buffer.concat([header, prefix, document]);
}

/** Frames a command for OP_MSG; with a checksum if asked. For tests that speak without a driver. */
export function frameCommand(requestId: number, command: PlainObject, withChecksum: boolean): Buffer {
  const document = serialize(command);
  const head = Buffer.alloc(HEADER_BYTES + 5);
  head.writeInt32LE(head.length + document.length + (withChecksum ? 4 : 0), 0);
  head.writeInt32LE(requestId, 4);
  head.writeInt32LE(OP_MSG, 12);
  head.writeUInt32LE(withChecksum ? FLAG_CHECKSUM : 0, HEADER_BYTES);
  const message = Buffer.concat([head, document]);
  if (!withChecksum) return message;
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32c(message));
  return Buffer.concat([message, checksum]);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

/** CRC-32C (Castagnoli), as OP_MSG ends with when flag bit 0 is set. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}
