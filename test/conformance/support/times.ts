import type { DatabaseSettings } from '../../../src/config/settings.js';

/** What times-in-zone.ts takes. */
export interface TimesAsked {
  settings: DatabaseSettings;
  /** ISO texts. */
  instants: string[];
}

/** What times-in-zone.ts prints. */
export interface TimesFound {
  /** ISO texts by id. */
  times: Record<string, string | undefined>;
  /** Rows before each of the instants. */
  before: number[];
  /** Offset of the process's zone at each of the instants, in minutes. */
  local: number[];
}
