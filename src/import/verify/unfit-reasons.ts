import { LOST } from '../plain-json.js';
import { shortened } from './shown-value.js';

/** Why a document does not fit. */
export interface Reason {
  /** The field, in lists without positions (`spans.latency`); null where it is the document as a whole. */
  field: string | null;
  /** `must be a number, not a text`: without the value, which may be secret. */
  reason: string;
}

/** Documents that do not fit for the same reason. */
export interface UnfitGroup extends Reason {
  documents: number;
  /** The `_id`s of the first ones, as text. */
  examples: string[];
}

const EXAMPLES = 5;
/** As long as `source_id`: what is longer is no `_id` that one would look for, nor a reason that one would read. */
const LONGEST = 255;
/** Most reasons that are told apart: a document may be wrong in any number of fields of its own. */
const MOST = 100;
const OTHERS: Reason = { field: null, reason: 'other reasons' };

/** The reasons of a document as the mapper tells them, by field and without values. */
export function reasonsOf(problems: readonly string[]): Reason[] {
  return problems.map((problem) => {
    // The names of fields without a column may hold anything; those of columns hold no spaces.
    const at = problem.endsWith(` ${LOST}`) ? problem.length - LOST.length - 1 : problem.indexOf(' ');
    return {
      field: shortened(problem.slice(0, at).replaceAll(/\[\d+\]/g, '')),
      reason: withoutValue(problem.slice(at + 1)),
    };
  });
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

/** Collects why documents do not fit, in memory that does not grow with their number. */
export class UnfitReasons {
  private readonly byReason = new Map<string, UnfitGroup>();

  /** @param sourceId the document's `_id` as text; null when it has none, or none that can be read */
  add(sourceId: string | null, reasons: readonly Reason[]): void {
    // Counted are documents: of the same reason twice, once.
    for (const group of new Set(reasons.map((reason) => this.groupOf(reason)))) {
      group.documents += 1;
      if (sourceId !== null && group.examples.length < EXAMPLES)
        group.examples.push(sourceId.slice(0, LONGEST));
    }
  }

  /** The commonest first. */
  groups(): UnfitGroup[] {
    return [...this.byReason.values()].sort((one, other) => other.documents - one.documents);
  }

  private groupOf(wanted: Reason): UnfitGroup {
    const keyOf = ({ field, reason }: Reason): string => JSON.stringify([field, reason]);
    const isKnown = this.byReason.has(keyOf(wanted));
    const chosen = isKnown || this.byReason.size < MOST ? wanted : OTHERS;
    const group = this.byReason.get(keyOf(chosen)) ?? { ...chosen, documents: 0, examples: [] };
    this.byReason.set(keyOf(chosen), group);
    return group;
  }
}
