import type { Document } from 'bson';

/** A trace of about 7 KB with 5 spans, the same for the same number. */
export function traceDocument(index: number): Document;
