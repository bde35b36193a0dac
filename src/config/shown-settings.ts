import { maskUrl } from './redact.js';
import type { Settings } from './settings.js';

/** A setting as it may be shown. */
export interface ShownSetting {
  key: string;
  /** Masked where it is or holds a secret; null when it is not set. */
  value: string | number | null;
  /** `default`, `not set`, a file, an environment variable or a flag. */
  origin: string;
  /** The environment variable that would set it. */
  variable: string;
  summary: string;
}

/** All settings in force, without secrets. */
export function shownSettings(settings: Settings): ShownSetting[] {
  return settings.resolved.map(({ definition, value, origin }) => ({
    key: definition.key,
    value: shownValue(value, definition),
    origin,
    variable: definition.env,
    summary: definition.summary,
  }));
}

function shownValue(
  value: string | number | undefined,
  { secret, url }: { secret?: boolean; url?: boolean },
): string | number | null {
  if (value === undefined) return null;
  if (secret) return '***';
  return url && typeof value === 'string' ? maskUrl(value) : value;
}
