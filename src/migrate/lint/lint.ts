import { type Change, readStatement } from '../sql/read-statement.js';
import type { Danger, LintColumn, LintDatabase, LintSubject } from './danger.js';
import type { Judge, Scene, Verdict } from './judge.js';
import {
  judgeCharset,
  judgeNewColumn,
  judgeNewValue,
  judgeNotNull,
  judgeRenameColumn,
  judgeRenameTable,
  judgeType,
} from './judge-columns.js';
import {
  judgeDelete,
  judgeDropColumn,
  judgeDropObject,
  judgeDropSchema,
  judgeDropTable,
  judgeTruncate,
  judgeUpdate,
} from './judge-data.js';
import {
  judgeConstraint,
  judgeDropConstraint,
  judgeDropIndex,
  judgeIndex,
  judgeLock,
  judgeRewrite,
} from './judge-locks.js';
import { changesSchema, judgeMixed } from './judge-mixed.js';
import { judgeRebuild } from './judge-rebuild.js';
import { Tables } from './tables.js';

const JUDGES: Readonly<Partial<Record<Change['kind'], readonly Judge[]>>> = {
  'drop-table': [judgeDropTable],
  'rename-table': [judgeRenameTable],
  truncate: [judgeTruncate],
  'add-column': [judgeNewColumn, judgeNewValue],
  'drop-column': [judgeDropColumn],
  'rename-column': [judgeRenameColumn],
  'alter-type': [judgeType],
  'set-not-null': [judgeNotNull],
  'add-constraint': [judgeConstraint],
  'drop-constraint': [judgeDropConstraint],
  'change-charset': [judgeCharset],
  'rewrite-table': [judgeRewrite],
  'lock-table': [judgeLock],
  'create-index': [judgeIndex],
  'drop-index': [judgeDropIndex],
  'drop-view': [judgeDropObject],
  'drop-object': [judgeDropObject],
  'drop-schema': [judgeDropSchema],
  'drop-database': [judgeDropSchema],
  update: [judgeUpdate, judgeMixed],
  delete: [judgeDelete, judgeMixed],
  insert: [judgeMixed],
  merge: [judgeMixed],
};

/** A change with the statement it is of. */
interface Step {
  change: Change;
  /** From 0. */
  index: number;
}

/**
 * Looks through a migration for what may cost data or keep others from a table. What it does to tables
 * that it creates itself is no danger.
 * @throws what `database` throws
 */
export async function lint(subject: LintSubject, database: LintDatabase): Promise<Danger[]> {
  const steps = subject.statements.flatMap(({ text }, index): Step[] =>
    readStatement(text, database.flavour).map((change) => ({ change, index })),
  );
  // A file may change any number of rows, and no rule looks around for that but for a table's copy.
  const notable = steps
    .map(({ change }, at) => ({ change, at }))
    .filter(({ change }) => changesSchema(change) || change.references !== undefined);
  const changesWhere = (test: (at: number) => boolean): Change[] =>
    notable.filter((one) => test(one.at)).map(({ change }) => change);
  const tables = new Tables(database);
  const dangers: Danger[] = [];
  for (const [at, { change, index }] of steps.entries()) {
    if (!JUDGES[change.kind]) {
      // Nothing is asked of the database for it: most migrations create only.
      tables.follow(change);
      continue;
    }
    const rows = await tables.rows(change);
    const scene: Scene = {
      flavour: database.flavour,
      transaction: subject.transaction,
      filled: rows === 'some' || rows === 'unknown',
      before: changesWhere((other) => other < at),
      after: changesWhere((other) => other > at),
      column: (of, name) => findColumn(tables, of, name),
    };
    for (const verdict of await judge(change, scene, tables))
      if (rows !== 'created' || verdict.fails)
        dangers.push(danger(verdict, subject, index, change, scene.filled));
    tables.follow(change);
  }
  return once(dangers);
}

async function judge(change: Change, scene: Scene, tables: Tables): Promise<Verdict[]> {
  const rebuild = await judgeRebuild(change, scene, (of) => tables.columns(of));
  if (rebuild) return rebuild;
  const verdicts: Verdict[] = [];
  for (const one of JUDGES[change.kind] ?? []) {
    const verdict = await one(change, scene);
    if (verdict) verdicts.push(verdict);
  }
  return verdicts;
}

async function findColumn(
  tables: Tables,
  change: Change,
  name: string | undefined,
): Promise<LintColumn | undefined> {
  return (await tables.columns(change))?.find((column) => column.name.toLowerCase() === name?.toLowerCase());
}

function danger(
  { fails = false, ...verdict }: Verdict,
  subject: LintSubject,
  index: number,
  change: Change,
  holdsData: boolean,
): Danger {
  const statement = subject.statements[index];
  const acknowledged = [...subject.allow, ...(statement?.allow ?? [])].includes(verdict.rule);
  return {
    ...verdict,
    migration: subject.name,
    statement: index + 1,
    ...(statement?.line ? { line: statement.line } : {}),
    ...(change.table === undefined ? {} : { table: change.table }),
    holdsData,
    fails,
    acknowledged,
  };
}

/** What several clauses of a statement do alike is told once, and once only that schema and data mix. */
function once(dangers: readonly Danger[]): Danger[] {
  const seen = new Set<string>();
  const mixed = dangers.filter(({ rule }) => rule === 'mixed-ddl-dml');
  const shown = mixed.find(({ holdsData }) => holdsData) ?? mixed[0];
  const acknowledged = mixed.some((one) => one.acknowledged);
  return dangers.flatMap((one) => {
    if (one.rule === 'mixed-ddl-dml') return one === shown ? [{ ...one, acknowledged }] : [];
    const key = `${one.rule} ${one.statement} ${one.message}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [one];
  });
}
