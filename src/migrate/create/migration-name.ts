import { DbtoolError } from '../../errors/dbtool-error.js';

/** How a new migration is called. */
export interface NewName {
  /** Of its file, without the ending: `20251122100000-add-users`. */
  name: string;
  /** `add-users` */
  words: string;
  /** `AddUsers20251122100000` */
  className: string;
}

/** Bytes that the history keeps of a name, less its time. */
const LONGEST = 180;
const SECOND_MS = 1000;

/**
 * @param given words of letters, digits, dashes, underscores and spaces, or in camel case
 * @param existing names of the migrations beside it: it becomes newer than all of them
 * @throws DbtoolError `usage.argument.invalid`
 */
export function newName(given: string, now: Date, existing: readonly string[]): NewName {
  const words = given
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[ _-]+/)
    .filter(Boolean);
  if (!/^[A-Za-z0-9 _-]+$/.test(given) || words.length === 0 || given.length > LONGEST)
    throw new DbtoolError('usage.argument.invalid', {
      message: `${JSON.stringify(given)} is no name for a migration`,
      why: `A name has up to ${LONGEST} letters a to z, digits, dashes, underscores and spaces.`,
      fix: 'Say in a few words what it does, such as `add-users`.',
    });
  const time = timeAfter(existing, now);
  const pascal = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  const className = `${/^\d/.test(pascal) ? 'Migration' : ''}${pascal}${time}`;
  return { name: `${time}-${words.join('-')}`, words: words.join('-'), className };
}

/** The time in 14 digits, UTC; a second after the newest that is there, should that be later. */
function timeAfter(existing: readonly string[], now: Date): string {
  const newest =
    existing
      .map((name) => /^\d{14}(?=-)/.exec(name)?.[0] ?? '')
      .sort()
      .at(-1) ?? '';
  const time = digits(now);
  if (newest < time) return time;
  const [, year, month, day, hours, minutes, seconds] = /^(....)(..)(..)(..)(..)(..)$/.exec(newest) ?? [];
  const next = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`) + SECOND_MS;
  return Number.isNaN(next) ? time : digits(new Date(next));
}

function digits(time: Date): string {
  return time.toISOString().replaceAll(/\D/g, '').slice(0, 14);
}
