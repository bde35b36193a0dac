import { code, table } from './markdown.mjs';

const CODES = new URL('../../build/src/errors/codes.js', import.meta.url).href;

/** Exit codes whose meaning does not depend on one error code alone. */
const MEANINGS = new Map([
  [0, 'Done.'],
  [1, 'A bug in dbtool, or a failure that could not be foreseen.'],
  [2, 'Wrong usage, or something that the command needs is not there.'],
  [3, 'A question was answered with no.'],
]);
const SIGNALS = 128;

/** Blocks of docs/errors.md, made from src/errors/codes.ts. */
export async function errorBlocks() {
  const { ERROR_CODES } = await import(CODES);
  const codes = Object.entries(ERROR_CODES).map(([name, { exit, summary }]) => ({ name, exit, summary }));
  const exits = [...new Set([...MEANINGS.keys(), ...codes.map(({ exit }) => exit)])].sort((a, b) => a - b);
  return {
    'exit-codes': table(
      ['Exit code', 'Meaning'],
      exits.map((exit) => [String(exit), MEANINGS.get(exit) ?? summaries(codes, exit)]),
    ),
    codes: exits
      .filter((exit) => exit !== 0)
      .map((exit) => {
        const rows = codes
          .filter((one) => one.exit === exit)
          .map(({ name, summary }) => [code(name), summary]);
        return `### Exit code ${exit}: ${kindOf(exit)}\n\n${table(['Code', 'What happened'], rows)}`;
      })
      .join('\n\n'),
  };
}

function summaries(codes, exit) {
  const told = codes.filter((one) => one.exit === exit).map(({ summary }) => summary);
  return `${exit < SIGNALS ? 'Finding: ' : ''}${told.join(' ')}`;
}

function kindOf(exit) {
  const KINDS = { 1: 'failures', 2: 'wrong usage and unmet preconditions', 3: 'declined' };
  return KINDS[exit] ?? (exit < SIGNALS ? 'finding' : 'stopped');
}
