import { resolveName } from './refusals.js';
import type { View } from './session.js';
import type { Migration } from './sources.js';
import { isPending } from './state.js';

/** How far to go: to a migration of this name, or so many of them; default: `up` all, `down` one. */
export interface Target {
  to?: string | undefined;
  step?: number | undefined;
}

/**
 * What is pending, oldest first, as far as the target says.
 * @throws DbtoolError `migrate.unknown`
 */
export function pendingUpTo({ all }: View, { to, step }: Target): Migration[] {
  const limit =
    to === undefined
      ? undefined
      : resolveName(
          to,
          all.map(({ name }) => name),
        );
  const upTo = limit === undefined ? all : all.slice(0, all.findIndex(({ name }) => name === limit) + 1);
  const pending = upTo.filter(isPending).flatMap(({ migration }) => migration ?? []);
  return step === undefined ? pending : pending.slice(0, step);
}
