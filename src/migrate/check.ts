import type { EntityClass } from '../database/model/table-model.js';
import { tableOf } from '../database/model/table-model.js';
import type { DbtoolError, Finding } from '../errors/dbtool-error.js';
import { type Difference, schemaDifferences } from './diff/differences.js';
import type { Danger } from './lint/danger.js';
import { describeDanger, dirtyError, editedError, howToAcknowledge, lateError } from './refusals.js';
import type { Migrator } from './migrator.js';
import type { MigrationState } from './state.js';

/** What a check looked at, for programs. */
export interface CheckDetails {
  migrations: MigrationState[];
  dangers: Danger[];
  /** Null where the schema was not compared: it is what the migrations make only when all are applied. */
  drift: Drift[] | null;
}

/** A difference in plain words and names. */
export type Drift = Pick<Difference, 'object' | 'problem' | 'table' | 'name' | 'sentence'>;

/** The schema to compare with. */
export interface ExpectedSchema {
  /** Their tables are compared; none: nothing is. */
  entities: readonly EntityClass[];
  /** Whether all migrations are dbtool's own. Those of others may add columns and keys to its tables. */
  isOwnOnly: boolean;
}

/**
 * Looks for all that a pipeline should stop at, the gravest first.
 */
export async function checkMigrations(
  migrator: Migrator,
  expected: ExpectedSchema,
): Promise<{ findings: Finding[]; details: CheckDetails }> {
  const migrations = await migrator.status('all');
  const names = (test: (state: MigrationState) => boolean): string[] =>
    migrations.filter(test).map(({ name }) => name);
  const dirty = names(({ status }) => status === 'running' || status === 'failed');
  const pending = names(({ status }) => status === 'pending');
  const dangers =
    dirty.length > 0 ? [] : (await migrator.plan()).dangers.filter((danger) => !danger.acknowledged);
  const isWhole = pending.length === 0 && dirty.length === 0;
  const drift = isWhole ? await findDrift(migrator, expected) : null;
  const edited = names((state) => state.edited === true);
  const late = names(({ outOfOrder }) => outOfOrder);
  const findings = [
    ...(await migrator.dirty()).map(dirtyError).map(asFinding),
    ...(edited.length > 0 ? [asFinding(editedError(edited))] : []),
    ...missing(names(({ status }) => status === 'missing')),
    ...(late.length > 0 ? [asFinding(lateError(late))] : []),
    ...drifted(drift ?? []),
    ...dangers.map(endangered),
    ...notApplied(pending),
  ];
  return { findings, details: { migrations, dangers, drift } };
}

async function findDrift(
  migrator: Migrator,
  { entities, isOwnOnly }: ExpectedSchema,
): Promise<Drift[] | null> {
  if (entities.length === 0) return null;
  const found = await migrator.reading((runner) => schemaDifferences(runner, entities.map(tableOf)));
  return found
    .filter(({ problem }) => isOwnOnly || problem !== 'extra')
    .map(({ object, problem, table, name, sentence }) => ({ object, problem, table, name, sentence }));
}

function asFinding({ code, message, why, fix }: DbtoolError): Finding {
  return { code, message, why, fix };
}

function missing(names: readonly string[]): Finding[] {
  if (names.length === 0) return [];
  return [
    {
      code: 'migrate.missing',
      message: `${names.length === 1 ? 'A migration is' : `${names.length} migrations are`} applied whose files are gone: ${names.join(', ')}`,
      why: 'They were removed or renamed, or a newer version of dbtool applied them.',
      fix: 'Restore the files, or use the version that applied them.',
    },
  ];
}

function drifted(drift: readonly Drift[]): Finding[] {
  if (drift.length === 0) return [];
  return [
    {
      code: 'migrate.drift',
      message: `The schema differs from what the migrations make in ${drift.length === 1 ? 'one place' : `${drift.length} places`}`,
      why: `${drift.map(({ sentence }) => sentence).join('; ')}.`,
      fix: 'Undo what was changed by hand, or make it a migration: `dbtool migrate generate` writes one for the way back.',
    },
  ];
}

function endangered(danger: Danger): Finding {
  return {
    code: 'migrate.danger',
    message: describeDanger(danger),
    why: danger.why,
    fix: danger.fails ? danger.fix : `${danger.fix} ${howToAcknowledge(danger.rule)}`,
  };
}

function notApplied(names: readonly string[]): Finding[] {
  if (names.length === 0) return [];
  return [
    {
      code: 'migrate.pending',
      message: `${names.length === 1 ? 'One migration is' : `${names.length} migrations are`} pending: ${names.join(', ')}`,
      fix: 'Run `dbtool migrate up`.',
    },
  ];
}
