import { DbtoolError } from '../errors/dbtool-error.js';
import { calendarDateExists, isKeepableInstant } from './calendar.js';
import { parseDuration } from './duration.js';

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * Reads a point in time as users write it: a date (`2025-08-20`, midnight UTC), a date and time
 * (`2025-08-20T10:00`, UTC unless it names an offset) or an age (`7d`: that long before `now`).
 * Impossible dates (`2025-02-30`) are refused rather than rolled over.
 * @param flag the flag the text came from, for the message.
 * @throws DbtoolError `usage.time.invalid`
 */
export function parsePointInTime(text: string, flag: string, now: Date): Date {
  const age = parseDuration(text);
  const read = age === undefined ? dateIn(text.trim()) : new Date(now.getTime() - age);
  if (read && isKeepableInstant(read)) return read;
  throw new DbtoolError('usage.time.invalid', {
    message: `${flag} does not understand "${text}"`,
    why: read
      ? 'It lies outside the years 1 to 9999.'
      : 'It is neither a date, nor a date with time, nor an age.',
    fix: `Write for example ${flag} 2025-08-20, ${flag} 2025-08-20T10:00Z or ${flag} 7d (units: s, m, h, d, w).`,
  });
}

function dateIn(text: string): Date | undefined {
  const isDate = DATE.test(text);
  if ((!isDate && !DATE_TIME.test(text)) || !calendarDateExists(text)) return undefined;
  const parsed = new Date(isDate ? `${text}T00:00:00Z` : withZone(text.replace(' ', 'T')));
  return Number.isNaN(parsed.getTime()) ? undefined : parsed;
}

function withZone(iso: string): string {
  return /(Z|[+-]\d{2}:?\d{2})$/.test(iso) ? iso.replace(/([+-]\d{2})(\d{2})$/, '$1:$2') : `${iso}Z`;
}
