const [QUOTE, BACKSLASH, COLON, COMMA, NEWLINE] = [0x22, 0x5c, 0x3a, 0x2c, 0x0a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, COMMA]);
/** May stand at the very beginning. */
const BYTE_ORDER_MARK: readonly number[] = [0xef, 0xbb, 0xbf];

/** Where something stands in a stream: the line from 1, the byte from 0. */
export interface JsonPlace {
  line: number;
  offset: number;
}

/** The text of one document. */
export interface JsonText extends JsonPlace {
  text: string;
  /** How many times a name and its value stand in it. */
  members: number;
}

/**
 * Cuts a stream of JSON into the texts of its documents, whether they stand one a line, one after the
 * other over several lines, or in one array. Memory holds one document at a time.
 * @param fault makes the error for a stream that ends inside a document, or a document that is not UTF-8
 */
export async function* jsonTexts(
  chunks: AsyncIterable<Buffer>,
  fault: (what: 'truncated' | 'not-utf8', at: JsonPlace) => Error,
): AsyncGenerator<JsonText> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const cutter = new Cutter();
  for await (const chunk of chunks) {
    for (const { bytes, ...place } of cutter.cut(chunk)) {
      let text: string;
      try {
        text = decoder.decode(bytes);
      } catch {
        throw fault('not-utf8', place);
      }
      yield { ...place, text };
    }
  }
  const unfinished = cutter.unfinished();
  if (unfinished) throw fault('truncated', unfinished);
}

type Cut = JsonPlace & { bytes: Buffer; members: number };

/** Works on bytes: all that JSON is made of is ASCII, which stands for nothing else in UTF-8. */
class Cutter {
  /** Parts of the document that is being read. */
  private parts: Buffer[] = [];
  private depth = 0;
  private inString = false;
  private escaped = false;
  private inArray = false;
  private started = false;
  private line = 1;
  private members = 0;
  /** How many bytes came before the chunk at hand. */
  private before = 0;
  private start: JsonPlace = { line: 1, offset: 0 };

  *cut(chunk: Buffer): Generator<Cut> {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (byte === NEWLINE) this.line += 1;
      if (this.inString) {
        if (this.staysInside(byte) || this.depth > 0) continue;
        yield this.take(chunk.subarray(from, at + 1));
        from = at + 1;
        continue;
      }
      if (this.depth === 0) {
        if (this.skip(byte, this.before + at)) {
          from = at + 1;
          continue;
        }
        this.start = { line: this.line, offset: this.before + at };
        from = at;
      }
      if (byte === QUOTE) this.inString = true;
      else if (byte === COLON) this.members += 1;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.depth += 1;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.depth -= 1;
      // A document ended; or something else stands at the top, which whoever parses it will refuse.
      if (this.depth <= 0 && !this.inString) {
        this.depth = 0;
        yield this.take(chunk.subarray(from, at + 1));
        from = at + 1;
      }
    }
    // The chunk may be used again by whoever gave it.
    if (from < chunk.length && (this.depth > 0 || this.inString))
      this.parts.push(Buffer.from(chunk.subarray(from)));
    this.before += chunk.length;
  }

  /** Where the stream ended, when that is inside a document or the array. */
  unfinished(): JsonPlace | undefined {
    if (this.depth === 0 && !this.inString && !this.inArray) return undefined;
    return { line: this.line, offset: this.before };
  }

  /** Whether the string goes on after this byte of it. */
  private staysInside(byte: number): boolean {
    if (this.escaped) this.escaped = false;
    else if (byte === BACKSLASH) this.escaped = true;
    else if (byte === QUOTE) this.inString = false;
    return this.inString;
  }

  /** White space and commas between documents, and the brackets of the one array around them. */
  private skip(byte: number, offset: number): boolean {
    if (SPACES.has(byte) || byte === BYTE_ORDER_MARK[offset]) return true;
    if (byte === OPEN_LIST && !this.started) {
      this.inArray = true;
      this.started = true;
      return true;
    }
    if (byte === CLOSE_LIST && this.inArray) {
      this.inArray = false;
      return true;
    }
    this.started = true;
    return false;
  }

  private take(last: Buffer): Cut {
    const bytes = this.parts.length === 0 ? last : Buffer.concat([...this.parts, last]);
    const { members } = this;
    this.parts = [];
    this.members = 0;
    return { bytes, members, ...this.start };
  }
}
