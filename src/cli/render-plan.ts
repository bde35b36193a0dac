import type { Danger } from '../migrate/lint/danger.js';
import type { PlannedMigration } from '../migrate/plan.js';

/** A plan as SQL that people can read, with what else is to be known as comments. */
export function renderPlan({
  plans,
  dangers,
}: {
  plans: readonly PlannedMigration[];
  dangers: readonly Danger[];
}): string {
  if (plans.length === 0) return '-- Nothing is pending.';
  return plans
    .map((plan) =>
      section(
        plan,
        dangers.filter(({ migration }) => migration === plan.name),
      ),
    )
    .join('\n\n');
}

function section(plan: PlannedMigration, dangers: readonly Danger[]): string {
  const { name, file, transaction, statements, readsData, problem, direction } = plan;
  const head = [
    `-- ${name}${direction === 'down' ? ' (taking it back)' : ''}`,
    `-- ${file}`,
    `-- ${transaction ? 'In one transaction.' : 'Not in a transaction: each statement stands by itself.'}`,
    ...(readsData && problem === undefined
      ? ['-- It reads from the database: these are its statements at this moment.']
      : []),
    ...(problem === undefined
      ? []
      : [`-- Its statements cannot be told beforehand: ${problem.replaceAll('\n', ' ')}`]),
  ];
  const body = (statements ?? []).flatMap(({ text, parameters }, index) => [
    ...dangers.filter(({ statement }) => statement === index + 1).map(comment),
    `${text};${parameters.length > 0 ? ` -- with ${JSON.stringify(parameters)}` : ''}`,
  ]);
  return [...head, ...(statements?.length === 0 ? ['-- No statements.'] : body)].join('\n');
}

function comment({ rule, message, acknowledged, why }: Danger): string {
  return acknowledged
    ? `-- Acknowledged (${rule}): ${message}`
    : `-- DANGER (${rule}): ${message}. ${why.replaceAll('\n', ' ')}`;
}
