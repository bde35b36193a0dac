import { DdlReader } from './ddl-reader.js';
import type { H2Statement, SessionRules, StatementBind } from './prepare-types.js';
import { refuse, unsupported } from './rules.js';

export { OracleError } from './oracle-error.js';
export type { H2Statement, SessionRules, StatementBind } from './prepare-types.js';

/**
 * Reads an Oracle statement and says it in H2's words.
 *
 * Statements about sessions, users and transactions, and PL/SQL, are the server's own affair: they come
 * back as they are, and only their characters and names were checked.
 *
 * @param binds In order of appearance, one for each place.
 * @throws OracleError when Oracle would refuse the statement; ORA-03001 with `stand-in:` when only the
 *   stand-in cannot do it.
 */
export function prepare(sql: string, binds: readonly StatementBind[], session: SessionRules): H2Statement {
  return new Statement(sql, binds, session).prepare(sql);
}

/** Statements that are not H2's to run. */
const SERVER_STATEMENTS: readonly (readonly string[])[] = [
  ...['SESSION', 'SYSTEM', 'USER'].map((what) => ['ALTER', what]),
  ['CREATE', 'USER'],
  ['DROP', 'USER'],
  ...['GRANT', 'REVOKE', 'COMMIT', 'ROLLBACK', 'SAVEPOINT', 'BEGIN', 'DECLARE', 'CALL'].map((word) => [word]),
  ...['TRANSACTION', 'ROLE', 'CONSTRAINT', 'CONSTRAINTS'].map((what) => ['SET', what]),
];

class Statement extends DdlReader {
  prepare(sql: string): H2Statement {
    if (SERVER_STATEMENTS.some((words) => this.sees(...words))) {
      const block = this.seesOneOf(['BEGIN', 'DECLARE', 'CALL']);
      if (!block && this.tokenAt(this.length - 1).text === ';') refuse('notEnded');
      return { sql, returning: [] };
    }
    const instead = this.read();
    if (!this.atEnd) refuse('notEnded');
    return { sql: instead?.join('; ') ?? this.text(0, this.length), returning: this.returned };
  }

  /** @returns the H2 statements instead of this one, if it takes other ones */
  private read(): string[] | undefined {
    const { kind, value } = this.peek();
    if (kind === 'operator' && value === '(') {
      this.topQuery();
      return undefined;
    }
    const read = kind === 'word' ? this.manipulations[value] : undefined;
    if (read) {
      read();
      return undefined;
    }
    const define = kind === 'word' ? this.definitions[value] : undefined;
    if (!define) refuse('noStatement');
    if (this.bindCount > 0) refuse('bindInDdl');
    return define();
  }

  private readonly manipulations: Readonly<Record<string, () => void>> = {
    SELECT: () => {
      this.topQuery();
    },
    WITH: () => {
      this.topQuery();
    },
    INSERT: () => {
      this.insert();
    },
    UPDATE: () => {
      this.update();
    },
    DELETE: () => {
      this.delete();
    },
    MERGE: () => {
      this.merge();
    },
    EXPLAIN: () => {
      this.at += 1;
      this.expect('PLAN', 'missingKeyword');
      unsupported('EXPLAIN PLAN');
    },
    LOCK: () => unsupported('LOCK TABLE'),
  };

  private readonly definitions: Readonly<Record<string, () => string[] | undefined>> = {
    CREATE: () => {
      this.create();
    },
    ALTER: () => this.alter(),
    DROP: () => {
      this.drop();
    },
    TRUNCATE: () => {
      this.truncate();
    },
    COMMENT: () => {
      this.comment();
    },
    RENAME: () => this.rename(),
  };
}
