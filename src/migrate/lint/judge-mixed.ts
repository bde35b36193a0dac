import type { Change } from '../sql/read-statement.js';
import { family, type Judge, shown } from './judge.js';

const NO_DDL = new Set<Change['kind']>([
  'insert',
  'update',
  'delete',
  'merge',
  'select',
  'transaction',
  'lock-table',
  'other',
]);

export const changesSchema = ({ kind }: Change): boolean => !NO_DDL.has(kind);

/** Changes of data beside changes of schema, where the latter commit by themselves. */
export const judgeMixed: Judge = (change, { flavour, before, after }) => {
  const commits = family(flavour) === 'mysql' || flavour === 'oracle';
  if (!commits || ![...before, ...after].some(changesSchema)) return undefined;
  return {
    rule: 'mixed-ddl-dml',
    message: `rows of ${shown(change)} are changed in one migration with the schema`,
    why: 'Each change of the schema commits what was done before it: a failure leaves the migration half done.',
    fix: 'Make two migrations of it, one for the schema and one for the data, or acknowledge mixed-ddl-dml.',
  };
};
