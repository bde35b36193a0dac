import { code, table } from './markdown.mjs';

/** Block of docs/migrations.md, made from src/migrate/lint/rules.ts. */
export async function lintBlocks() {
  const { LINT_RULES } = await import(new URL('../../build/src/migrate/lint/rules.js', import.meta.url).href);
  const rows = Object.entries(LINT_RULES).map(([name, { summary }]) => [code(name), summary]);
  return { 'lint-rules': table(['Rule', 'What it finds'], rows) };
}
