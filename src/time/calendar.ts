/** What all the databases can keep: the years 1 to 9999. */
const FIRST_INSTANT = new Date('0001-01-01T00:00:00.000Z').getTime();
const LAST_INSTANT = new Date('9999-12-31T23:59:59.999Z').getTime();

/** Whether every database can keep the instant; false for an invalid date. */
export function isKeepableInstant(date: Date): boolean {
  const time = date.getTime();
  return time >= FIRST_INSTANT && time <= LAST_INSTANT;
}

/**
 * Whether the calendar has the date that a text begins with (`YYYY-MM-DD`). `new Date('2025-02-30')` is
 * 2 March rather than invalid, so the fields are compared.
 */
export function calendarDateExists(text: string): boolean {
  const [year, month, day] = text.slice(0, 10).split('-').map(Number) as [number, number, number];
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
