import type { Problem } from './problem.js';

/** Why a document does not fit, in words that are the same for all documents of which it is true. */
export interface Reason {
  /** The field, in lists without positions (`spans.latency`); null where it is the document as a whole. */
  field: string | null;
  /** `must be a number, not a text`: without the value, which may be secret. */
  reason: string;
}

/** What is longer nobody would read. */
const LONGEST = 255;
const LONGEST_FIELD = 60;

/** The reasons of a document as the mapper tells them, by field and without values. */
export function reasonsOf(problems: readonly Problem[]): Reason[] {
  return problems.map(({ path, field, reason }) => ({
    field: field.length > LONGEST_FIELD ? `${field.slice(0, LONGEST_FIELD - 1)}…` : field,
    reason: withoutValue(reason.slice(path.length + 1)),
  }));
}

/** Of a document that cannot be decoded. */
export function undecodable(why: string): Reason {
  return { field: null, reason: `cannot be decoded: ${why}`.slice(0, LONGEST) };
}

/** `start_time is missing` */
export function reasonText({ field, reason }: Reason): string {
  return field === null ? reason : `${field} ${reason}`;
}

function withoutValue(reason: string): string {
  return reason
    .replace(/not the text ".*"$/s, 'not a text')
    .replace('not a long text', 'not a text')
    .replace(/not the (number|boolean) \S+$/, 'not a $1')
    .replace(/^".*" stands twice/s, 'stands twice');
}
