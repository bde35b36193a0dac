import { LEX_RULES, type LexRules, type SqlFlavour } from './flavours.js';
import { SqlFault } from './sql-fault.js';

/**
 * A piece of SQL text. `name` is a quoted identifier; `end` ends a statement (`;`, what DELIMITER
 * named, Oracle's `/` line); `delimiter` is a DELIMITER line. Blanks are no tokens.
 */
export interface Token {
  kind: 'word' | 'name' | 'string' | 'number' | 'symbol' | 'comment' | 'end' | 'delimiter';
  text: string;
  /** Offset in the source. */
  start: number;
  /** 1-based. */
  line: number;
}

type Found = Pick<Token, 'kind'> & { end: number };

const BLANK = /\s+/y;
const NUMBER = /\d[\w.]*/y;
const DOLLAR_QUOTE = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;
const DELIMITER = /delimiter[ \t]+(\S+)[^\n]*/iy;
const EXECUTABLE = /\/\*M?!\d*/y;
const NEXT_PIECE = /[ \t]*\n\s*'/y;
const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}', '<': '>', '(': ')' };

/**
 * The tokens of a SQL text, comments included, as they are asked for.
 * @param firstLine the number of the text's first line
 * @throws SqlFault where a string, a quoted name or a comment is not closed
 */
export function tokenize(source: string, flavour: SqlFlavour, firstLine = 1): Iterable<Token> {
  return new Lexer(source, LEX_RULES[flavour], firstLine).all();
}

/** The tokens that are no comments. */
export function codeTokens(text: string, flavour: SqlFlavour): Token[] {
  return Array.from(tokenize(text, flavour)).filter((token) => token.kind !== 'comment');
}

class Lexer {
  private at = 0;
  private line: number;
  private delimiter = ';';
  /** Offset of the next line break; looked for once a line, for lines may be long. */
  private lineEnd = -1;
  /** The line that the last token ended on. */
  private lastLine = 0;
  /** Whether the text is inside of MySQL's executable comment. */
  private executable: number | undefined;

  constructor(
    private readonly source: string,
    private readonly rules: LexRules,
    firstLine: number,
  ) {
    this.line = firstLine;
  }

  *all(): Generator<Token, void> {
    while (this.at < this.source.length) {
      const blank = this.match(BLANK, this.at);
      if (blank !== undefined) {
        this.advance(this.at + blank.length);
        continue;
      }
      const { kind, end } = this.next();
      yield { kind, text: this.source.slice(this.at, end), start: this.at, line: this.line };
      this.advance(end);
      this.lastLine = this.line;
    }
    if (this.executable !== undefined) throw new SqlFault(this.executable, 'a comment is not closed');
  }

  private advance(end: number): void {
    while (this.lineEnd < end) {
      if (this.lineEnd >= this.at) this.line += 1;
      const next = this.source.indexOf('\n', Math.max(this.lineEnd + 1, this.at));
      this.lineEnd = next < 0 ? Infinity : next;
    }
    this.at = end;
  }

  private match(pattern: RegExp, at: number): string | undefined {
    pattern.lastIndex = at;
    return pattern.exec(this.source)?.[0];
  }

  private next(): Found {
    return this.terminator() ?? this.comment() ?? this.quoted() ?? this.plain();
  }

  private terminator(): Found | undefined {
    const { source, at } = this;
    if (this.rules.mysql && this.startsLine()) {
      DELIMITER.lastIndex = at;
      const line = DELIMITER.exec(source);
      if (line) {
        this.delimiter = line[1] ?? ';';
        return { kind: 'delimiter', end: at + line[0].length };
      }
    }
    if (source.startsWith(this.delimiter, at) && this.executable === undefined)
      return { kind: 'end', end: at + this.delimiter.length };
    if (this.rules.oracle && source[at] === '/' && this.startsLine() && this.endsLine(at + 1))
      return { kind: 'end', end: at + 1 };
    return undefined;
  }

  private startsLine(): boolean {
    return this.lastLine !== this.line;
  }

  private endsLine(at: number): boolean {
    const end = this.source.indexOf('\n', at);
    return this.source.slice(at, end < 0 ? undefined : end).trim() === '';
  }

  private comment(): Found | undefined {
    const { source, at, rules } = this;
    const dashes = source.startsWith('--', at) && (!rules.mysql || /^\s?$/.test(source.charAt(at + 2)));
    if (dashes || (rules.mysql && source[at] === '#')) {
      const end = source.indexOf('\n', at);
      return { kind: 'comment', end: end < 0 ? source.length : end };
    }
    if (source.startsWith('/*', at)) {
      const open = rules.mysql ? this.match(EXECUTABLE, at) : undefined;
      if (open === undefined) return { kind: 'comment', end: this.endOfBlock(at) };
      this.executable = this.line;
      return { kind: 'symbol', end: at + open.length };
    }
    if (this.executable !== undefined && source.startsWith('*/', at)) {
      this.executable = undefined;
      return { kind: 'symbol', end: at + 2 };
    }
    return undefined;
  }

  private endOfBlock(from: number): number {
    const marks = this.rules.postgres ? /\/\*|\*\//g : /\*\//g;
    marks.lastIndex = from + 2;
    let depth = 1;
    for (let mark = marks.exec(this.source); mark; mark = marks.exec(this.source)) {
      depth += mark[0] === '/*' ? 1 : -1;
      if (depth === 0) return mark.index + 2;
    }
    throw new SqlFault(this.line, 'a comment is not closed');
  }

  private quoted(): Found | undefined {
    const { source, at, rules } = this;
    const first = source.charAt(at);
    if (rules.stringQuotes.includes(first))
      return { kind: 'string', end: this.endOfString(at, rules.backslashes) };
    const closing = rules.nameQuotes[first];
    if (closing !== undefined) return { kind: 'name', end: this.endOfName(closing) };
    if (rules.postgres && /^e'/i.test(source.slice(at, at + 2)))
      return { kind: 'string', end: this.endOfString(at + 1, true) };
    if (rules.postgres && first === '$') {
      const tag = this.match(DOLLAR_QUOTE, at);
      if (tag !== undefined)
        return { kind: 'string', end: this.find(tag, at + tag.length, `a text in ${tag}`) };
    }
    const alternative = rules.oracle ? /^n?q'(\S)/i.exec(source.slice(at, at + 4)) : null;
    if (alternative) {
      const [opening, mark = ''] = alternative;
      return { kind: 'string', end: this.find(`${CLOSING[mark] ?? mark}'`, at + opening.length, 'a string') };
    }
    return undefined;
  }

  /** @returns the offset behind `text` */
  private find(text: string, from: number, what: string): number {
    const found = this.source.indexOf(text, from);
    if (found < 0) throw new SqlFault(this.line, `${what} is not closed`);
    return found + text.length;
  }

  private endOfString(from: number, backslashes: boolean): number {
    const { source } = this;
    const quote = source.charAt(from);
    for (let at = from + 1; at < source.length; at += 1) {
      const character = source[at];
      if (character === '\\' && backslashes) at += 1;
      else if (character === quote) {
        const next = this.rules.postgres ? this.match(NEXT_PIECE, at + 1) : undefined;
        if (source[at + 1] === quote) at += 1;
        else if (next === undefined) return at + 1;
        else at += next.length;
      }
    }
    throw new SqlFault(this.line, 'a string is not closed');
  }

  private endOfName(closing: string): number {
    const { source } = this;
    for (let at = source.indexOf(closing, this.at + 1); at >= 0; at = source.indexOf(closing, at + 2))
      if (closing === ']' || source[at + 1] !== closing) return at + 1;
    throw new SqlFault(this.line, 'a quoted name is not closed');
  }

  private plain(): Found {
    const word = this.match(this.rules.word, this.at);
    if (word !== undefined) return { kind: 'word', end: this.at + word.length };
    const number = this.match(NUMBER, this.at);
    if (number !== undefined) return { kind: 'number', end: this.at + number.length };
    return { kind: 'symbol', end: this.at + ((this.source.codePointAt(this.at) ?? 0) > 0xffff ? 2 : 1) };
  }
}
