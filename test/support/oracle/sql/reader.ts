import type { BindType, SessionRules, StatementBind } from './prepare-types.js';
import { RESERVED_WORDS } from './reserved-words.js';
import { refuse, type RuleName } from './rules.js';
import { type Token, tokenize } from './tokens.js';

const MAX_NAME_BYTES = 128;
const MAX_STRING_BYTES = 4000;
const MAX_BINDS = 65_535;
const END: Token = { kind: 'end', text: '', value: '' };

/** Unfinished or unknown characters, by what they begin with. */
const INVALID: Readonly<Record<string, RuleName>> = {
  "'": 'openString',
  '"': 'openName',
  '/*': 'openComment',
  '|': 'singleBar',
};

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const quoteString = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * Reads a statement token by token, and notes how H2 wants it. What nobody changes stays as it is.
 * Positions count tokens, without white space and comments.
 */
export class StatementReader {
  /** Position of the next token. */
  protected at = 0;
  private readonly tokens: Token[] = [];
  private readonly spaced: boolean[] = [];
  private readonly texts: string[] = [];
  private readonly prefixes: string[] = [];
  private readonly suffixes: string[] = [];
  private readonly bindAt = new Map<number, number>();
  /** For each bind its number among those that go to H2. */
  private readonly bindNumbers: number[] = [];

  constructor(
    statement: string,
    private readonly binds: readonly StatementBind[],
    protected readonly session: SessionRules,
  ) {
    let space = false;
    for (const token of tokenize(statement)) {
      if (token.kind === 'space' || token.kind === 'comment') space = true;
      else {
        checkToken(token);
        this.add(token, space);
        space = false;
      }
    }
    if (this.bindAt.size > MAX_BINDS) refuse('tooManyBinds');
    let number = 0;
    for (const { returning } of binds) this.bindNumbers.push(returning ? 0 : ++number);
  }

  private add(token: Token, space: boolean): void {
    if (token.kind === 'bind') this.bindAt.set(this.tokens.length, this.bindAt.size);
    this.tokens.push(token);
    this.spaced.push(space);
    this.prefixes.push('');
    this.suffixes.push('');
    // Strings in one spelling; H2 knows neither q'[…]' nor all that may follow it.
    this.texts.push(token.kind === 'string' ? quoteString(token.value) : token.text);
  }

  /** The token `ahead` of the next one. */
  protected peek(ahead = 0): Token {
    return this.tokens[this.at + ahead] ?? END;
  }

  protected tokenAt(position: number): Token {
    return this.tokens[position] ?? END;
  }

  protected get atEnd(): boolean {
    return this.at >= this.tokens.length;
  }

  protected get length(): number {
    return this.tokens.length;
  }

  /** Whether the next tokens are these keywords or operators. */
  protected sees(...sequence: readonly string[]): boolean {
    return sequence.every((text, ahead) => isToken(this.peek(ahead), text));
  }

  protected seesOneOf(texts: Iterable<string>, ahead = 0): boolean {
    return [...texts].some((text) => isToken(this.peek(ahead), text));
  }

  /** Goes past these keywords or operators, if they come next. */
  protected take(...sequence: readonly string[]): boolean {
    if (!this.sees(...sequence)) return false;
    this.at += sequence.length;
    return true;
  }

  protected takeOneOf(texts: Iterable<string>): string | undefined {
    const found = [...texts].find((text) => this.sees(text));
    if (found !== undefined) this.at += 1;
    return found;
  }

  protected expect(text: string, otherwise: RuleName): void {
    if (!this.take(text)) refuse(otherwise);
  }

  protected closeParenthesis(): void {
    this.expect(')', 'missingRightParenthesis');
  }

  /** Items up to the parenthesis that closes the list, which is still to be read. */
  protected list(item: () => void): number {
    let count = 0;
    do {
      item();
      count += 1;
    } while (this.take(','));
    return count;
  }

  /** Whether a name comes next: a quoted one, or a word that is not reserved. */
  protected seesName(ahead = 0): boolean {
    const { kind, value } = this.peek(ahead);
    return kind === 'name' || (kind === 'word' && !RESERVED_WORDS.has(value));
  }

  /** Reads a name and returns it as the catalogue has it. */
  protected name(otherwise: RuleName): string {
    const token = this.peek();
    if (!this.seesName()) refuse(otherwise, quoteName(token.value));
    // H2 reserves other words, so every name goes to it in quotes.
    this.replace(this.at, this.at + 1, quoteName(token.value));
    this.at += 1;
    return token.value;
  }

  /** Position of the parenthesis that closes the one at `open`, or of the end. */
  protected closing(open: number): number {
    let depth = 0;
    for (let position = open; position < this.tokens.length; position += 1) {
      if (isToken(this.tokenAt(position), '(')) depth += 1;
      if (isToken(this.tokenAt(position), ')')) depth -= 1;
      if (depth === 0) return position;
    }
    return this.tokens.length;
  }

  /** What is bound by the bind at that position; its number among those that go to H2, from 1. */
  protected bind(position: number): { type: BindType; number: number; returning: boolean } {
    const index = this.bindAt.get(position) ?? -1;
    const { type, returning } = this.binds[index] ?? { type: 'varchar' as const, returning: false };
    return { type, number: this.bindNumbers[index] ?? index + 1, returning };
  }

  protected get bindCount(): number {
    return this.bindAt.size;
  }

  // ---- what H2 gets

  protected wrap(from: number, to: number, before: string, after: string): void {
    this.prefixes[from] = before + (this.prefixes[from] ?? '');
    this.suffixes[to - 1] = (this.suffixes[to - 1] ?? '') + after;
  }

  protected replace(from: number, to: number, text: string): void {
    for (let position = from; position < to; position += 1) {
      this.texts[position] = '';
      this.prefixes[position] = '';
      this.suffixes[position] = '';
    }
    this.texts[from] = text;
  }

  protected remove(from: number, to: number): void {
    this.replace(from, to, '');
  }

  /** The H2 text of these tokens. */
  protected text(from: number, to: number): string {
    let text = '';
    let space = false;
    for (let position = from; position < to; position += 1) {
      space ||= this.spaced[position] === true;
      const own = `${this.prefixes[position] ?? ''}${this.texts[position] ?? ''}${this.suffixes[position] ?? ''}`;
      if (own === '') continue;
      text += space ? ` ${own}` : own;
      space = false;
    }
    return text.trim();
  }
}

function checkToken({ kind, value }: Token): void {
  if (kind === 'invalid') refuse(INVALID[value] ?? 'invalidCharacter');
  if (kind === 'name' && value === '') refuse('emptyName');
  if ((kind === 'name' || kind === 'word') && Buffer.byteLength(value) > MAX_NAME_BYTES) refuse('longName');
  if (kind === 'string' && Buffer.byteLength(value) > MAX_STRING_BYTES) refuse('longString');
}

function isToken({ kind, value }: Token, text: string): boolean {
  return (kind === 'word' || kind === 'operator') && value === text;
}
