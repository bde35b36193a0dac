import { code, table } from './markdown.mjs';

const SETTINGS_MODULE = new URL('../../build/src/config/settings.js', import.meta.url).href;

/** Blocks of docs/configuration.md, made from src/config/settings.ts. */
export async function settingsBlocks() {
  const { SETTINGS } = await import(SETTINGS_MODULE);
  const rows = SETTINGS.map((setting) => [
    code(setting.key),
    code(setting.env),
    setting.defaultValue === undefined ? '' : code(defaultOf(setting)),
    setting.summary,
  ]);
  return { settings: table(['Key in a file', 'Variable', 'Default', 'Meaning'], rows) };
}

/** As one would write it: `10s` rather than 10000 where a setting takes durations. */
function defaultOf({ defaultValue, parse }) {
  if (typeof defaultValue === 'string') return defaultValue;
  const seconds = `${defaultValue / 1000}s`;
  try {
    return parse(seconds) === defaultValue && defaultValue !== 0 ? seconds : String(defaultValue);
  } catch {
    return String(defaultValue);
  }
}
