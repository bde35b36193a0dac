import type { Reason } from '../reason.js';

/** Documents that do not fit for the same reason. */
export interface UnfitGroup extends Reason {
  documents: number;
  /** The `_id`s of the first ones, as text. */
  examples: string[];
}

const EXAMPLES = 5;
/** As long as `source_id`: what is longer is no `_id` that one would look for. */
const LONGEST = 255;
/** Most reasons that are told apart: a document may be wrong in any number of fields of its own. */
const MOST = 100;
const OTHERS: Reason = { field: null, reason: 'other reasons' };

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
