import { DbtoolError } from '../errors/dbtool-error.js';
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
  if (age !== undefined) return new Date(now.getTime() - age);
  const trimmed = text.trim();
  const isDate = DATE.test(trimmed);
  if (isDate || DATE_TIME.test(trimmed)) {
    const iso = isDate ? `${trimmed}T00:00:00Z` : withZone(trimmed.replace(' ', 'T'));
    const parsed = new Date(iso);
    if (!Number.isNaN(parsed.getTime()) && calendarDateExists(trimmed)) return parsed;
  }
  throw new DbtoolError('usage.time.invalid', {
    message: `${flag} does not understand "${text}"`,
    why: 'It is neither a date, nor a date with time, nor an age.',
    fix: `Write for example ${flag} 2025-08-20, ${flag} 2025-08-20T10:00Z or ${flag} 7d (units: s, m, h, d, w).`,
  });
}

function withZone(iso: string): string {
  return /(Z|[+-]\d{2}:?\d{2})$/.test(iso) ? iso.replace(/([+-]\d{2})(\d{2})$/, '$1:$2') : `${iso}Z`;
}

/** `new Date('2025-02-30')` is 2 March in some engines: compare the calendar fields. */
function calendarDateExists(text: string): boolean {
  const [year, month, day] = text.slice(0, 10).split('-').map(Number) as [number, number, number];
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
