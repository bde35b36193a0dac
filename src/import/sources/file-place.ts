import type { Position } from './source.js';

/** Where a document stands in a file. */
export interface FilePlace {
  /** Its number in the collection, from 0. */
  document: number;
  /** Where it begins, in (decompressed) bytes from the beginning of the file. */
  offset: number;
}

/** The position of a document, told by what comes behind it. */
export function positionOf(next: FilePlace): Position {
  return JSON.stringify({ document: next.document, offset: next.offset });
}

/** Where to go on: at the beginning where there is no position. */
export function placeAfter(position: Position | undefined): FilePlace {
  if (position === undefined) return { document: 0, offset: 0 };
  const { document, offset } = JSON.parse(position) as FilePlace;
  return { document, offset };
}
