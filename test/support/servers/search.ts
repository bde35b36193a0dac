import { installWithApt } from './apt.js';
import type { FoundServer, MissingServer, ServerKind } from './types.js';

/** A server found by one of the ways, or why that way leads nowhere. */
export type Attempt =
  { url: string; version: string; origin: string; stop?: () => Promise<void> } | { reason: string };

export interface SearchPlan {
  kind: ServerKind;
  /** Environment variable that may hold an administrative URL. */
  variable: string;
  /** Version of the server behind the URL; throws if it does not let us in. */
  version(url: string): Promise<string>;
  /** Tries a server that runs on this machine already. */
  running?: () => Promise<Attempt>;
  /** Starts one from installed programs. */
  start?: () => Promise<Attempt>;
  /** Debian packages with the programs, for when `start` finds none. */
  debianPackages?: string[];
}

/**
 * Given URL, else a running server, else one of our own from installed programs, else the same after
 * installing them. A given URL that does not work is an error: whoever gave it wants it tested.
 */
export async function searchServer(
  plan: SearchPlan,
): Promise<{ server: FoundServer | MissingServer; stop?: () => Promise<void> }> {
  const given = process.env[plan.variable];
  if (given !== undefined && given !== '') {
    const version = await plan.version(given).catch((error: unknown) => {
      throw new Error(`${plan.variable} is set, but that server cannot be used: ${explain(error)}`, {
        cause: error,
      });
    });
    return {
      server: { available: true, kind: plan.kind, url: given, version, origin: `given by ${plan.variable}` },
    };
  }
  const reasons = [`no ${plan.variable}`];
  for (const way of ways(plan)) {
    const attempt = await way();
    if ('reason' in attempt) {
      reasons.push(attempt.reason);
      continue;
    }
    const { stop, ...found } = attempt;
    return { server: { available: true, kind: plan.kind, ...found }, stop };
  }
  const byUrlOnly = plan.running === undefined && plan.start === undefined;
  return { server: { available: false, kind: plan.kind, reason: reasons.join('; '), byUrlOnly } };
}

function ways({ running, start, debianPackages }: SearchPlan): (() => Promise<Attempt>)[] {
  const found: (() => Promise<Attempt>)[] = [];
  if (running !== undefined && process.env['DBTOOL_TEST_NO_RUNNING'] === undefined) found.push(running);
  if (start === undefined) return found;
  found.push(() => guarded(start));
  if (debianPackages !== undefined) {
    found.push(async () => {
      const reason = await installWithApt(debianPackages);
      return reason === undefined ? guarded(start) : { reason };
    });
  }
  return found;
}

async function guarded(start: () => Promise<Attempt>): Promise<Attempt> {
  try {
    return await start();
  } catch (error) {
    return { reason: `could not be started: ${explain(error)}` };
  }
}

export function explain(error: unknown): string {
  // Node's AggregateError (IPv4 and IPv6 both refused) has an empty message.
  if (error instanceof AggregateError && error.errors.length > 0) return explain(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

/** The same server, another database. */
export function withDatabase(adminUrl: string, name: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}
