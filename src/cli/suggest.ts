import { distance } from 'fastest-levenshtein';

/**
 * The candidates that somebody who typed `typed` may have meant, the likeliest first, three at most.
 * A candidate is near when a third of its letters or fewer have to change, or when it starts with
 * what was typed.
 */
export function suggest(typed: string, candidates: Iterable<string>): string[] {
  const wanted = typed.toLowerCase();
  const near: { candidate: string; score: number }[] = [];
  for (const candidate of new Set(candidates)) {
    const edits = typos(wanted, candidate.toLowerCase());
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, candidate.length) / 3));
    if (edits <= allowed) near.push({ candidate, score: edits });
    else if (wanted.length >= 2 && candidate.toLowerCase().startsWith(wanted)) {
      near.push({ candidate, score: allowed + 1 });
    }
  }
  near.sort((a, b) => a.score - b.score || a.candidate.localeCompare(b.candidate));
  return near.slice(0, 3).map(({ candidate }) => candidate);
}

/** Levenshtein's distance, but letters in the wrong order (`cvs`) are one slip and not two. */
function typos(typed: string, meant: string): number {
  const sorted = (text: string): string => Array.from(text).sort().join('');
  return typed !== meant && sorted(typed) === sorted(meant) ? 1 : distance(typed, meant);
}

/** `Did you mean "a" or "b"?`, or undefined when there is nothing to suggest. */
export function didYouMean(suggestions: readonly string[]): string | undefined {
  if (suggestions.length === 0) return undefined;
  return `Did you mean ${suggestions.map((text) => `"${text}"`).join(' or ')}?`;
}
