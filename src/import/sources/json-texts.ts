const OPEN = new Set(['{', '[']);
const CLOSE = new Set(['}', ']']);

/**
 * Cuts a stream of JSON into the texts of its documents, whether they stand one a line, one after the
 * other over several lines, or in one array. Memory holds one document at a time.
 * @param truncated makes the error for a stream that ends inside a document
 */
export async function* jsonTexts(
  chunks: AsyncIterable<Buffer>,
  truncated: (line: number) => Error,
): AsyncGenerator<{ text: string; line: number }> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: false });
  const cutter = new Cutter();
  for await (const chunk of chunks) yield* cutter.cut(decoder.decode(chunk, { stream: true }));
  yield* cutter.cut(decoder.decode());
  cutter.end(truncated);
}

class Cutter {
  /** Parts of the document that is being read. */
  private parts: string[] = [];
  private depth = 0;
  private inString = false;
  private escaped = false;
  private inArray = false;
  private started = false;
  private line = 1;
  private startLine = 1;

  *cut(text: string): Generator<{ text: string; line: number }> {
    let from = 0;
    for (let at = 0; at < text.length; at += 1) {
      const char = text[at] ?? '';
      if (char === '\n') this.line += 1;
      if (this.inString) {
        if (this.staysInside(char) || this.depth > 0) continue;
        yield this.take(text.slice(from, at + 1));
        from = at + 1;
        continue;
      }
      if (this.depth === 0) {
        if (this.skip(char)) {
          from = at + 1;
          continue;
        }
        this.startLine = this.line;
        from = at;
      }
      if (char === '"') this.inString = true;
      else if (OPEN.has(char)) this.depth += 1;
      else if (CLOSE.has(char)) this.depth -= 1;
      // A document ended; or something else stands at the top, which whoever parses it will refuse.
      if (this.depth <= 0 && !this.inString) {
        this.depth = 0;
        yield this.take(text.slice(from, at + 1));
        from = at + 1;
      }
    }
    if (from < text.length && (this.depth > 0 || this.inString)) this.parts.push(text.slice(from));
  }

  /** @throws what `truncated` makes, when the stream ended inside a document or the array */
  end(truncated: (line: number) => Error): void {
    if (this.depth > 0 || this.inString || this.inArray) throw truncated(this.line);
  }

  /** Whether the string goes on after this character of it. */
  private staysInside(char: string): boolean {
    if (this.escaped) this.escaped = false;
    else if (char === '\\') this.escaped = true;
    else if (char === '"') this.inString = false;
    return this.inString;
  }

  /** White space and commas between documents, and the brackets of the one array around them. */
  private skip(char: string): boolean {
    if (/[\s,]/.test(char)) return true;
    if (char === '[' && !this.started) {
      this.inArray = true;
      this.started = true;
      return true;
    }
    if (char === ']' && this.inArray) {
      this.inArray = false;
      return true;
    }
    this.started = true;
    return false;
  }

  private take(last: string): { text: string; line: number } {
    const text = this.parts.length === 0 ? last : this.parts.join('') + last;
    this.parts = [];
    return { text, line: this.startLine };
  }
}
