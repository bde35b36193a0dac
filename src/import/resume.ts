import type { ImportProgress } from '../entities/import-progress.js';
import { moment } from '../lock/holder.js';
import type { ImportOptions } from './importer.js';
import { LIVE } from './sources/source.js';

/** A server's documents change meanwhile: what was stopped longer ago begins anew. */
const LIVE_FOR_MS = 24 * 3_600_000;

/** What an import of a collection reads, and from where on. */
export interface ResumeDecision {
  from: Date | undefined;
  until: Date | undefined;
  /** The import that is taken up. */
  resume: ImportProgress | undefined;
  /** What an admin should know of it, in sentences. */
  notices: string[];
}

/**
 * What an import was asked for, as text that is the same for the same: an age stands for itself, although it
 * means another time on each day, and `last` for all where there is no checkpoint.
 * @param from where `last` begins
 */
export function scopeOf({ since, until, where, asked }: ImportOptions, from: Date | undefined): string {
  const sinceAsked =
    since.kind === 'all' || from === undefined ? null : (asked?.['since'] ?? from.toISOString());
  return JSON.stringify({
    since: sinceAsked,
    until: asked?.['until'] ?? until?.toISOString() ?? null,
    where: asked?.['where'] ?? where ?? null,
  });
}

/** Whether to go on where an import was stopped. */
export function resumeOf(
  before: ImportProgress | null,
  wanted: {
    scope: string;
    fingerprint: string;
    restart: boolean;
    range: { from: Date | undefined; until: Date | undefined };
  },
): ResumeDecision {
  const anew = (...notices: string[]): ResumeDecision => ({ ...wanted.range, resume: undefined, notices });
  if (!before || before.scope !== wanted.scope || wanted.restart) return anew();
  const { collection, fingerprint, updatedAt, documentsRead, readFrom, readUntil } = before;
  const stopped = `an import was stopped at ${moment(updatedAt)}, behind document ${documentsRead}`;
  if (fingerprint !== wanted.fingerprint)
    return anew(`${collection}: ${stopped}; the source is another one by now, so it is read from the start.`);
  if (fingerprint === LIVE && Date.now() - updatedAt.getTime() > LIVE_FOR_MS)
    return anew(`${collection}: ${stopped}; that is more than a day ago, so it is read from the start.`);
  return {
    from: readFrom ?? undefined,
    until: readUntil ?? undefined,
    resume: before,
    notices: [`${collection}: ${stopped}; this one goes on there (--restart reads from the start).`],
  };
}
