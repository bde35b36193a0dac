import type { SqlFlavour } from './flavours.js';
import type { Token } from './tokens.js';

/** Follows a statement token by token, and knows when a `;` belongs to a body of code in it. */
export interface Body {
  /** Takes the next token of the statement; comments are left out. */
  take(token: Token): void;
  /** Whether a `;` here is the body's and ends no statement. */
  readonly open: boolean;
  /** Oracle's PL/SQL: the last `;` belongs to it, and a line with `/` ends it. */
  readonly plsql: boolean;
}

export function bodyOf(flavour: SqlFlavour): Body {
  if (flavour === 'oracle') return new OracleBody();
  return flavour === 'mysql' || flavour === 'mariadb' ? new MysqlBody() : new StandardBody(flavour);
}

const upper = (token: Token): string => (token.kind === 'word' ? token.text.toUpperCase() : token.text);

/** The words a CREATE may have before the one that tells what is created. */
const CREATE_OPTIONS = new Set([
  'OR',
  'REPLACE',
  'TEMP',
  'TEMPORARY',
  'AGGREGATE',
  'EDITIONABLE',
  'NONEDITIONABLE',
]);

/** The words of a statement as far as they tell whether code may follow. */
class Head {
  first = '';
  /** What is created: `TRIGGER`, `FUNCTION`, …; empty while it is not known. */
  created = '';
  /** The token before, in upper case. */
  previous = '';

  take(word: string): void {
    if (this.first === '') this.first = word;
    else if (this.created === '' && this.first === 'CREATE' && !CREATE_OPTIONS.has(word)) this.created = word;
    this.previous = word;
  }
}

/** SQLite's triggers, and Postgres's `BEGIN ATOMIC` and the parentheses of its rules. */
class StandardBody implements Body {
  readonly plsql = false;
  private readonly head = new Head();
  private readonly blocks: ('block' | 'case')[] = [];
  private parentheses = 0;

  constructor(private readonly flavour: SqlFlavour) {}

  get open(): boolean {
    return this.blocks.length > 0 || (this.parentheses > 0 && this.head.created === 'RULE');
  }

  take(token: Token): void {
    const word = upper(token);
    const { previous } = this.head;
    if (word === '(') this.parentheses += 1;
    if (word === ')') this.parentheses -= 1;
    if (previous === '.') {
      // The name of a column.
    } else if (this.blocks.length === 0) {
      if (this.begins(word, previous)) this.blocks.push('block');
    } else if (word === 'CASE') this.blocks.push('case');
    else if (word === 'END' && (this.blocks.at(-1) === 'case' || previous === ';' || previous === 'ATOMIC'))
      this.blocks.pop();
    this.head.take(word);
  }

  private begins(word: string, previous: string): boolean {
    const { created } = this.head;
    if (this.flavour === 'sqlite') return word === 'BEGIN' && created === 'TRIGGER';
    return word === 'ATOMIC' && previous === 'BEGIN' && (created === 'FUNCTION' || created === 'PROCEDURE');
  }
}

const LOOPS = new Set(['IF', 'CASE', 'LOOP', 'WHILE', 'REPEAT', 'FOR']);
const ROUTINES = new Set(['PROCEDURE', 'FUNCTION', 'TRIGGER', 'EVENT']);
const OTHER_OBJECTS = new Set(['TABLE', 'VIEW', 'INDEX', 'DATABASE', 'SCHEMA', 'USER', 'ROLE', 'SEQUENCE']);
/** A statement in a body may begin after these. */
const BEFORE_STATEMENT = new Set([';', ':', 'BEGIN', 'THEN', 'ELSE', 'DO', 'LOOP', 'REPEAT']);
/** What begins a body of one plain statement. */
const PLAIN = new Set([
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'RETURN',
  'CALL',
  'REPLACE',
  'WITH',
  'SIGNAL',
]);

function beginsPlainBody(word: string, previous: string): boolean {
  if (word === 'SET') return previous !== 'CHARACTER';
  return PLAIN.has(word) && previous !== 'BEFORE' && previous !== 'AFTER';
}

/** The compound statements of MySQL and MariaDB, for files that do without DELIMITER. */
class MysqlBody implements Body {
  readonly plsql = false;
  private readonly head = new Head();
  private readonly blocks: string[] = [];
  /** Whether it creates something with a body; undefined while that is not known. */
  private routine: boolean | undefined;
  /** Whether the body has begun; before it there are only parameters and properties. */
  private inBody = false;
  private parentheses = 0;
  /** MySQL's `END IF`: the IF begins nothing. */
  private closing = false;

  get open(): boolean {
    return this.blocks.length > 0;
  }

  take(token: Token): void {
    const word = upper(token);
    const { previous } = this.head;
    if (word === '(') this.parentheses += 1;
    if (word === ')') this.parentheses -= 1;
    // The DEFINER of a routine stands between CREATE and what is created.
    if (this.head.first === 'CREATE' || this.head.first === 'ALTER')
      this.routine ??= ROUTINES.has(word) || (OTHER_OBJECTS.has(word) ? false : undefined);
    if (word === 'NOT' && previous === 'BEGIN' && this.head.first === 'BEGIN') this.startAnonymous();
    if (this.routine && token.kind === 'word' && previous !== '.') this.follow(word, previous);
    this.head.take(word);
  }

  /** MariaDB's `BEGIN NOT ATOMIC`. */
  private startAnonymous(): void {
    this.routine = true;
    this.inBody = true;
    this.blocks.push('BEGIN');
  }

  private follow(word: string, previous: string): void {
    const top = this.blocks.at(-1);
    const closed = this.closing;
    this.closing = false;
    if (closed && LOOPS.has(word)) return;
    const starts = this.startsStatement(word, previous, top);
    if (word === 'BEGIN' || (starts && LOOPS.has(word))) this.blocks.push(word);
    else if (word === 'CASE') this.blocks.push('expression');
    else if (word === 'END' && (starts || top === 'expression' || top === 'REPEAT')) {
      this.blocks.pop();
      this.closing = top !== 'expression' && top !== 'BEGIN';
    }
    if (starts || word === 'BEGIN' || beginsPlainBody(word, previous)) this.inBody ||= this.parentheses === 0;
  }

  private startsStatement(word: string, previous: string, top: string | undefined): boolean {
    if (this.inBody) return top !== 'expression' && top !== undefined && BEFORE_STATEMENT.has(previous);
    if (previous === ':') return true;
    // `CREATE PROCEDURE IF NOT EXISTS`, `FOR EACH ROW`; else a body without BEGIN.
    return LOOPS.has(word) && word !== 'FOR' && this.parentheses === 0 && !ROUTINES.has(previous);
  }
}

const PLSQL = new Set(['PROCEDURE', 'FUNCTION', 'PACKAGE', 'TRIGGER']);

class OracleBody implements Body {
  readonly open = false;
  plsql = false;
  private readonly head = new Head();

  take(token: Token): void {
    if (this.plsql) return;
    const word = upper(token);
    const { first, created, previous } = this.head;
    this.head.take(word);
    if (first === '') this.plsql = word === 'BEGIN' || word === 'DECLARE';
    else if (first === '<' && previous === '<') this.plsql = true;
    else if (created === '') this.plsql = PLSQL.has(this.head.created);
    else this.plsql = created === 'TYPE' && previous === 'TYPE' && word === 'BODY';
  }
}
