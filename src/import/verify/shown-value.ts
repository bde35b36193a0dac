import { redact } from '../../config/redact.js';

/** Most characters of a value that are shown: a difference is told, and not the document. */
const LONGEST = 60;
/** How much of a long value is shown before the place where it differs. */
const BEFORE = 15;

/** Fields that are no columns of ours may hold anything: what their names say is secret is not shown. */
const SECRET_NAME =
  /pass(?:word|wd|phrase|code)|pwd|secret|token|credential|authorization|cookie|(?:api|access|private|client|signing|encryption)[_-]?key/i;
const MASK = '***';

/** Whether the value of a field of that name is shown to nobody. */
export function isSecretName(name: string, value?: unknown): boolean {
  // How many tokens a model took is what the platform is there to tell.
  if (typeof value === 'number' && /tokens/i.test(name)) return false;
  return SECRET_NAME.test(name);
}

/**
 * One difference in a line, without anything secret: `latency: 12.5 at the source, 13 in the database`.
 * @param source undefined for what is absent, as `database`
 */
export function describeDifference(
  name: string,
  source: unknown,
  database: unknown,
  isSecret: boolean,
): string {
  const [there, here] = isSecret
    ? [secretText(source, '(secret)'), secretText(database, '(another secret)')]
    : bothShown(textOf(source), textOf(database));
  return `${name}: ${there} at the source, ${here} in the database`;
}

/** The beginning of a text that is long. */
export function shortened(text: string): string {
  return cut(text, 0);
}

function secretText(value: unknown, text: string): string {
  return value === null || value === undefined ? textOf(value) : text;
}

/** Of long values the part that differs. */
function bothShown(source: string, database: string): [string, string] {
  // What differs is masked.
  if (source === database) return ['(secret)', '(another secret)'];
  let at = 0;
  while (source[at] === database[at]) at += 1;
  const start = at < LONGEST - BEFORE ? 0 : at - BEFORE;
  return [cut(source, start), cut(database, start)];
}

function cut(text: string, start: number): string {
  const before = start > 0 ? '…' : '';
  const room = LONGEST - before.length;
  const rest = text.slice(start, start + room + 1);
  const fitting = rest.length <= room ? rest : `${rest.slice(0, room - 1)}…`;
  // Halves of characters that the cuts have left.
  return before + fitting.replace(/^[\udc00-\udfff]/, '').replace(/[\ud800-\udbff](?=…?$)/, '');
}

function textOf(value: unknown): string {
  return value === undefined ? 'absent' : redact(JSON.stringify(masked(value)));
}

/** A value in which the members of objects stand in one order, and those with secret names are masked. */
function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const members = Object.entries(value).map(
    ([name, inner]) => [name, inner !== null && isSecretName(name, inner) ? MASK : masked(inner)] as const,
  );
  return Object.fromEntries(members.sort(([one], [other]) => (one < other ? -1 : 1)));
}
