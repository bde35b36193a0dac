import type { SqlFlavour } from './flavours.js';
import { SqlFault } from './sql-fault.js';
import { codeTokens, type Token } from './tokens.js';

/** A name with its schema, unquoted, in the catalogue's case. */
export interface QualifiedName {
  name: string;
  schema?: string;
}

/** Goes through the tokens of a statement, or of a part of one. */
export class Cursor {
  private at = 0;

  private constructor(
    private readonly tokens: readonly Token[],
    private readonly flavour: SqlFlavour,
  ) {}

  /** @returns undefined where a string or comment in the text is not closed */
  static of(text: string, flavour: SqlFlavour): Cursor | undefined {
    try {
      return Cursor.over(text, flavour);
    } catch (error) {
      if (error instanceof SqlFault) return undefined;
      throw error;
    }
  }

  private static over(text: string, flavour: SqlFlavour): Cursor {
    // The code in MySQL's executable comments counts, their marks do not; nor does the last `;`.
    const code = codeTokens(text, flavour).filter(({ kind, text: mark }) => {
      return kind !== 'end' && !(kind === 'symbol' && (mark.startsWith('/*') || mark === '*/'));
    });
    return new Cursor(code, flavour);
  }

  get done(): boolean {
    return this.at >= this.tokens.length;
  }

  /** The word or symbol ahead in capitals; empty for a quoted name, a string or the end. */
  word(ahead = 0): string {
    const token = this.tokens[this.at + ahead];
    return token?.kind === 'word' || token?.kind === 'symbol' ? token.text.toUpperCase() : '';
  }

  token(ahead = 0): Token | undefined {
    return this.tokens[this.at + ahead];
  }

  skip(count = 1): void {
    this.at += count;
  }

  /** Goes past these words if they come next. */
  take(words: string): boolean {
    const wanted = words.split(' ');
    if (!wanted.every((word, index) => this.word(index) === word)) return false;
    this.at += wanted.length;
    return true;
  }

  /** Goes past the first of these that comes next. */
  takeAny(...choices: string[]): string | undefined {
    return choices.find((words) => this.take(words));
  }

  /** Goes past a name without schema. */
  identifier(): string | undefined {
    const token = this.tokens[this.at];
    if (token?.kind !== 'word' && token?.kind !== 'name' && !token?.text.startsWith('"')) return undefined;
    this.at += 1;
    return unquoted(token, this.flavour);
  }

  name(): QualifiedName | undefined {
    let name = this.identifier();
    let schema: string | undefined;
    while (name !== undefined && this.word() === '.') {
      this.at += 1;
      schema = name;
      name = this.identifier();
    }
    if (name === undefined) return undefined;
    return schema === undefined ? { name } : { name, schema };
  }

  /** Goes past `( … )` and gives what is in it; undefined where no parenthesis opens. */
  group(): Cursor | undefined {
    if (this.word() !== '(') return undefined;
    const start = this.at + 1;
    this.at = this.closing(this.at);
    const inner = this.tokens.slice(start, this.at);
    this.at += 1;
    return new Cursor(inner, this.flavour);
  }

  private closing(open: number): number {
    let depth = 0;
    for (let at = open; at < this.tokens.length; at += 1) {
      const { kind, text } = this.tokens[at] as Token;
      if (kind !== 'symbol') continue;
      if (text === '(') depth += 1;
      if (text === ')') depth -= 1;
      if (depth === 0) return at;
    }
    return this.tokens.length;
  }

  /** What is left, cut where `cuts` says so outside of parentheses. */
  private pieces(cuts: (word: string, at: number) => 'drop' | 'keep' | undefined): Cursor[] {
    const pieces: Token[][] = [[]];
    for (let at = this.at; at < this.tokens.length;) {
      const end = this.isOpening(at) ? this.closing(at) + 1 : at + 1;
      const { kind, text } = this.tokens[at] as Token;
      const cut = kind === 'word' || kind === 'symbol' ? cuts(text.toUpperCase(), at - this.at) : undefined;
      if (cut !== undefined) pieces.push([]);
      if (cut !== 'drop') pieces.at(-1)?.push(...this.tokens.slice(at, end));
      at = end;
    }
    return pieces.filter((piece) => piece.length > 0).map((piece) => new Cursor(piece, this.flavour));
  }

  private isOpening(at: number): boolean {
    return this.tokens[at]?.kind === 'symbol' && this.tokens[at].text === '(';
  }

  /** What is left, cut at commas outside of parentheses. */
  items(): Cursor[] {
    return this.pieces((word) => (word === ',' ? 'drop' : undefined));
  }

  /** What is left, cut before each of these words outside of parentheses. */
  cutBefore(words: ReadonlySet<string>): Cursor[] {
    return this.pieces((word) => (words.has(word) ? 'keep' : undefined));
  }

  /** Whether these words come somewhere ahead, outside of parentheses. */
  has(words: string): boolean {
    return this.find(words) !== undefined;
  }

  /** Goes to behind these words, if they come ahead outside of parentheses. */
  seek(words: string): boolean {
    const found = this.find(words);
    if (found === undefined) return false;
    this.at = found + words.split(' ').length;
    return true;
  }

  private find(words: string): number | undefined {
    const before = this.at;
    const wanted = words.split(' ');
    try {
      while (this.at < this.tokens.length) {
        if (wanted.every((word, index) => this.word(index) === word)) return this.at;
        this.at = this.isOpening(this.at) ? this.closing(this.at) + 1 : this.at + 1;
      }
      return undefined;
    } finally {
      this.at = before;
    }
  }

  /** All tokens that are left, those in parentheses too. */
  rest(): readonly Token[] {
    return this.tokens.slice(this.at);
  }
}

/** A name as the catalogue has it. */
function unquoted(token: Token, flavour: SqlFlavour): string {
  const { kind, text } = token;
  if (kind === 'word') {
    if (flavour === 'postgres') return text.toLowerCase();
    return flavour === 'oracle' ? text.toUpperCase() : text;
  }
  const closing = text.slice(-1);
  return text
    .slice(1, -1)
    .split(closing + closing)
    .join(closing);
}
