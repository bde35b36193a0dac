import type { Document } from 'bson';

export interface DemoDataOptions {
  /** Default 20250823. */
  seed?: number;
  /** How many traces, the broken ones not counted; default 2000. */
  traces?: number;
  /** How many days back from 2025-08-22, that day included; default 30. */
  days?: number;
}

/** A document that an import must reject. `id` is its `_id` as hex text. */
export interface BrokenDocument {
  collection: string;
  id: string;
  reason: string;
}

/** The broken documents of the demo data; the same under every seed. */
export const BROKEN: readonly BrokenDocument[];

/**
 * All collections of the platform, documents by collection name; values are what `bson` serialises
 * (ObjectId, Double, Long, Decimal128, Date). Equal options give equal documents.
 */
export function generateDemoData(options?: DemoDataOptions): Record<string, Document[]>;
