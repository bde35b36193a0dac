import { suggestRule } from '../lint/rules.js';
import { type Body, bodyOf } from './bodies.js';
import { refuseClientCommand } from './client-commands.js';
import type { SqlFlavour } from './flavours.js';
import { namingFile, SqlFault } from './sql-fault.js';
import { type Token, tokenize } from './tokens.js';

export interface SqlStatement {
  /** Without what ends it, trimmed, line breaks as `\n`. PL/SQL keeps its last `;`. */
  text: string;
  /** 1-based line in the file of its first token. */
  line: number;
  /** The lint rules acknowledged for it with `-- dbtool:allow`. */
  allow: readonly string[];
}

/** Line breaks as `\n`, and no byte order mark: a file is the same in every checkout. */
export const normalized = (source: string): string => source.replace(/^\uFEFF/, '').replace(/\r\n/g, '\n');

/**
 * The statements of a SQL text, as the database's own client would send them. Empty ones are left out.
 * @param firstLine the number of the text's first line
 * @throws DbtoolError `migrate.source.invalid` where a string or comment is not closed, at commands of a
 *   client (`\connect`, `SET ECHO ON`), and at a `-- dbtool:` comment that names no rule
 */
export function splitStatements(source: string, flavour: SqlFlavour, firstLine = 1): SqlStatement[] {
  return namingFile(undefined, () => splitSection(normalized(source), flavour, firstLine));
}

/** As `splitStatements`, for text that is normalized. @throws SqlFault */
export function splitSection(source: string, flavour: SqlFlavour, firstLine: number): SqlStatement[] {
  const splitter = new Splitter(source, flavour);
  for (const token of tokenize(source, flavour, firstLine)) splitter.take(token);
  return splitter.finish();
}

class Splitter {
  private readonly statements: SqlStatement[] = [];
  private code: Token[] = [];
  private body: Body;
  private allow: string[] = [];
  /** Where the acknowledgement stands that waits for its statement. */
  private allowLine: number | undefined;
  /** The line on which the statement before ended. */
  private endLine = 0;
  /** Whether DELIMITER named something else than `;`. */
  private delimited = false;

  constructor(
    private readonly source: string,
    private readonly flavour: SqlFlavour,
  ) {
    this.body = bodyOf(flavour);
  }

  take(token: Token): void {
    switch (token.kind) {
      case 'comment':
        this.comment(token);
        break;
      case 'delimiter':
        this.end(token);
        this.delimited = !/\s;\s*$/.test(token.text);
        break;
      case 'end':
        if (token.text === ';' && (this.body.plsql || (this.body.open && !this.delimited))) this.add(token);
        else this.end(token);
        break;
      default:
        this.add(token);
    }
  }

  finish(): SqlStatement[] {
    const [first] = this.code;
    if (first && this.body.open && !this.delimited)
      throw new SqlFault(first.line, 'the body of code in this statement has no END');
    this.end(undefined);
    if (this.allowLine !== undefined)
      throw new SqlFault(this.allowLine, 'no statement follows this dbtool:allow');
    return this.statements;
  }

  private add(token: Token): void {
    this.code.push(token);
    this.body.take(token);
  }

  private end(by: Token | undefined): void {
    // With a delimiter of its own, the `;` before it ends the same statement.
    while (!this.body.plsql && this.code.at(-1)?.text === ';') this.code.pop();
    const [first] = this.code;
    const last = this.code.at(-1);
    if (first && last) {
      refuseClientCommand(this.code, this.flavour);
      const text = this.source.slice(first.start, last.start + last.text.length);
      this.statements.push({ text, line: first.line, allow: this.allow });
      this.allow = [];
      this.allowLine = undefined;
      this.endLine = by?.line ?? 0;
    }
    this.code = [];
    this.body = bodyOf(this.flavour);
  }

  private comment(token: Token): void {
    const directive = /^--\s*dbtool:\s*(\S*)(.*)$/.exec(token.text);
    if (!directive) return;
    const [, name = '', rest = ''] = directive;
    if (name !== 'allow')
      throw new SqlFault(
        token.line,
        `there is no dbtool:${name}`,
        'Write `-- dbtool:allow RULE: reason` before a statement.',
      );
    if (this.code.length > 0 || token.line === this.endLine)
      throw new SqlFault(
        token.line,
        'dbtool:allow stands behind the beginning of a statement, and holds for the one that follows it',
        'Put it on a line of its own before the statement.',
      );
    this.allow = [...this.allow, ...acknowledged(rest, token.line)];
    this.allowLine = token.line;
  }
}

/** The rules of `RULE[, RULE…] [: reason]`. */
function acknowledged(text: string, line: number): string[] {
  const names = (text.split(':')[0] ?? '').split(',').map((name) => name.trim());
  for (const name of names) {
    if (name === '')
      throw new SqlFault(line, 'dbtool:allow names no rule', 'Write `-- dbtool:allow RULE: reason`.');
    const meant = suggestRule(name);
    if (meant !== undefined)
      throw new SqlFault(line, `there is no lint rule ${name}`, `Did you mean ${meant}?`);
  }
  return names;
}
