import { type Judge, shown, type Verdict } from './judge.js';

/** Rules on what takes data away. */

export const judgeDropTable: Judge = (change) => {
  if (change.temporary) return undefined;
  return {
    rule: 'drop-table',
    message: `DROP TABLE takes ${shown(change)} with all its rows`,
    why: 'The rows are gone, also when the migration is taken back, and programs that still use the table fail.',
    fix: 'Stop using the table first, keep a copy (or rename it and drop it later), then acknowledge drop-table.',
  };
};

export const judgeDropColumn: Judge = (change, { after }) => {
  const again = after.some(
    ({ kind, table, name }) => kind === 'add-column' && table === change.table && name === change.name,
  );
  const column = `${shown(change)}.${change.name ?? '?'}`;
  if (again)
    return {
      rule: 'drop-column',
      message: `${column} is dropped and added again, empty`,
      why: 'Its values are lost. TypeORM writes a change of type or length so.',
      fix: "Change the type with the database's own ALTER, or add a second column, copy the values, and drop the old one.",
    };
  return {
    rule: 'drop-column',
    message: `${column} is dropped with its values`,
    why: 'The values are gone, also when the migration is taken back, and programs that still name the column fail.',
    fix: 'Deploy programs that do without the column first, then acknowledge drop-column.',
  };
};

export const judgeTruncate: Judge = (change) => ({
  rule: 'truncate',
  message: `all rows of ${shown(change)}, or of a partition, are taken away`,
  why: change.cascade
    ? 'They are gone, and with CASCADE all rows of the tables that refer to it.'
    : 'They are gone, also when the migration is taken back.',
  fix: 'Keep a copy, then acknowledge truncate.',
});

export const judgeDelete: Judge = (change) => {
  if (change.where) return undefined;
  return {
    rule: 'delete-all',
    message: `DELETE without WHERE takes every row of ${shown(change)}`,
    why: 'They are gone, also when the migration is taken back; the rows stay locked until the end.',
    fix: 'Say with WHERE which rows shall go, or acknowledge delete-all.',
  };
};

export const judgeUpdate: Judge = (change) => {
  if (change.where) return undefined;
  return {
    rule: 'update-all',
    message: `UPDATE without WHERE writes every row of ${shown(change)}`,
    why: 'All rows are locked until the migration ends, and the table may double its size meanwhile.',
    fix: 'Write in batches with WHERE, in a migration with transaction:false, or acknowledge update-all.',
  };
};

export const judgeDropSchema: Judge = (change) => ({
  rule: 'drop-schema',
  message: `${change.name ?? 'a schema'} is dropped with everything in it`,
  why: 'All tables in it are gone with their rows.',
  fix: 'Drop what is in it one by one, or acknowledge drop-schema.',
});

export const judgeDropObject: Judge = (change): Verdict | undefined => {
  if (!change.cascade) return undefined;
  return {
    rule: 'drop-cascade',
    message: `DROP ${change.object ?? 'VIEW'} ${change.name ?? ''} CASCADE takes along what depends on it`,
    why: 'That can be views, defaults, and columns with their values.',
    fix: 'Drop what depends on it by name, without CASCADE, or acknowledge drop-cascade.',
  };
};
