import type { Change } from '../sql/read-statement.js';
import { family, isMysql, type Judge, type Scene, shown, type Verdict } from './judge.js';

/** Rules on what keeps others from a table. */

export const judgeIndex: Judge = (change, { flavour, transaction }): Verdict | undefined => {
  if (flavour === 'postgres' && change.concurrently) return transaction ? inTransaction('CREATE') : undefined;
  if (change.concurrently || (flavour !== 'postgres' && flavour !== 'oracle')) return undefined;
  const [word, fix] =
    flavour === 'postgres'
      ? ['CONCURRENTLY', 'Write CREATE INDEX CONCURRENTLY, in a migration with transaction:false.']
      : ['ONLINE', 'Write ONLINE behind CREATE INDEX (Enterprise Edition).'];
  return {
    rule: 'index-not-concurrent',
    message: `an index is built on ${shown(change)} without ${word}`,
    why: 'Nobody can write to the table until the index is built.',
    fix,
  };
};

export const judgeDropIndex: Judge = (change, { flavour, transaction }) =>
  flavour === 'postgres' && change.concurrently && transaction ? inTransaction('DROP') : undefined;

function inTransaction(verb: string): Verdict {
  return {
    rule: 'concurrent-in-transaction',
    message: `${verb} INDEX CONCURRENTLY stands in a transaction`,
    why: 'Postgres refuses it there.',
    fix: 'Give the migration transaction:false, and put nothing else into it.',
    fails: true,
  };
}

export const judgeConstraint: Judge = (change, scene) => {
  switch (change.constraint) {
    case 'foreign-key':
    case 'check':
      return judgeChecked(change, scene);
    case 'unique':
    case 'exclude':
      return judgeUnique(change, scene);
    case 'primary-key':
      return judgePrimaryKey(change, scene);
    case undefined:
      return undefined;
  }
};

/** What checking a constraint means, and the way around. */
const CHECKED = {
  postgres: [
    'All rows are checked while nobody can write to the table, nor to the one that is referred to.',
    'Add it with NOT VALID, and VALIDATE CONSTRAINT in a later migration.',
  ],
  oracle: [
    'All rows are checked while nobody can write to the table.',
    'Add it with ENABLE NOVALIDATE, and MODIFY CONSTRAINT … ENABLE VALIDATE later.',
  ],
  mysql: [
    'The table is copied while nobody can write to it.',
    'Do it while little is written, and acknowledge constraint-validating.',
  ],
  sqlite: ['', ''],
} as const;

function judgeChecked(change: Change, { flavour, before }: Scene): Verdict | undefined {
  if (change.notValid || flavour === 'sqlite') return undefined;
  const column = before.findLast(({ kind, name }) => kind === 'add-column' && name === change.columns?.[0]);
  // A new column without values has nothing to check.
  if (change.inline && change.constraint === 'foreign-key' && !column?.hasDefault) return undefined;
  const what = change.constraint === 'check' ? 'a CHECK' : `a foreign key to ${change.references ?? '?'}`;
  const [why, fix] = CHECKED[family(flavour)];
  return {
    rule: 'constraint-validating',
    message: `${shown(change)} gets ${what}, checked at once`,
    why,
    fix,
  };
}

function judgeUnique(change: Change, { flavour }: Scene): Verdict | undefined {
  if (change.usingIndex || isMysql(flavour) || flavour === 'sqlite') return undefined;
  return {
    rule: 'unique-constraint',
    message: `${shown(change)} gets a ${change.constraint === 'exclude' ? 'EXCLUDE' : 'unique'} constraint, and its index is built`,
    why: 'Nobody can write to the table (on Postgres: nor read it) until the index is built.',
    fix:
      flavour === 'postgres'
        ? 'CREATE UNIQUE INDEX CONCURRENTLY in a migration with transaction:false, then ADD CONSTRAINT … UNIQUE USING INDEX.'
        : 'CREATE UNIQUE INDEX … ONLINE, then ADD CONSTRAINT … UNIQUE … USING INDEX.',
  };
}

function judgePrimaryKey(change: Change, { flavour }: Scene): Verdict | undefined {
  if (change.usingIndex || flavour === 'sqlite') return undefined;
  return {
    rule: 'change-primary-key',
    message: `${shown(change)} gets a primary key`,
    why: isMysql(flavour)
      ? 'The table is rebuilt in the order of the new key.'
      : 'Its index is built, and its columns are checked for NULL, while nobody can write to the table (on Postgres: nor read it).',
    fix:
      flavour === 'postgres'
        ? 'CREATE UNIQUE INDEX CONCURRENTLY on columns that are NOT NULL, then ADD PRIMARY KEY USING INDEX.'
        : 'Do it while little is written, or acknowledge change-primary-key.',
  };
}

/** MySQL keeps the rows in the order of the key. */
export const judgeDropConstraint: Judge = (change, { flavour }) => {
  if (change.constraint !== 'primary-key' || !isMysql(flavour)) return undefined;
  return {
    rule: 'change-primary-key',
    message: `${shown(change)} loses its primary key`,
    why: 'The table is copied while nobody can write to it.',
    fix: 'Drop the old key and add the new one in one ALTER TABLE, or acknowledge change-primary-key.',
  };
};

export const judgeLock: Judge = (change) => ({
  rule: 'lock-table',
  message: `${shown(change)} is locked by hand`,
  why: 'Others wait until the migration ends.',
  fix: 'Do without, or keep the migration short and acknowledge lock-table.',
});

export const judgeRewrite: Judge = (change, { flavour }) => {
  if (/^(?:INSTANT|INPLACE|NOCOPY)$/.test(change.algorithm ?? '') || change.lock === 'NONE') return undefined;
  return {
    rule: 'rewrite-table',
    message: `${shown(change)} is written anew`,
    why: isMysql(flavour)
      ? 'All rows are copied, which needs the space twice; nobody can write meanwhile, unless InnoDB does it in place.'
      : 'Nobody can read or write the table until all rows are copied, which needs the space twice.',
    fix: 'Use a tool that copies beside the work (pg_repack, pt-online-schema-change), or acknowledge rewrite-table.',
  };
};
