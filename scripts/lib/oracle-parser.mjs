import { getParserFromInput, PlSqlLexer } from '@griffithswaite/ts-plsql-parser';

const END = -1;
const DEFAULT_CHANNEL = 0;
/** The parser tells these apart by kind at most, so their texts are of no account. */
const PLACEHOLDERS = new Map([
  [PlSqlLexer.CHAR_STRING, "'a'"],
  [PlSqlLexer.UNSIGNED_INTEGER, '1'],
  [PlSqlLexer.APPROXIMATE_NUM_LIT, '1.5'],
  [PlSqlLexer.DELIMITED_ID, '"A"'],
  [PlSqlLexer.REGULAR_ID, '"A"'],
  [PlSqlLexer.BINDVAR, ':q'],
]);
/** Longest item of a list, in tokens, of which repetitions are left out. */
const LONGEST_ITEM = 12;

/**
 * Statements that do not parse, with the place of their first error.
 *
 * @param {string[]} statements
 * @returns {{ statement: string, line: number, column: number, message: string }[]} lines from 1, columns from 0
 */
export function findSyntaxErrors(statements) {
  const seen = new Map();
  return statements.flatMap((statement) => {
    // The parser takes a second for a statement of a shape that it has not seen.
    const shape = shapeOf(statement) ?? statement;
    if (!seen.has(shape)) seen.set(shape, firstError(shape) === undefined);
    const error = seen.get(shape) ? undefined : firstError(statement);
    return error === undefined ? [] : [{ statement, ...error }];
  });
}

/** The statement with placeholders, its lists shortened; undefined if it has characters that are no tokens. */
function shapeOf(statement) {
  const { lexer, errors } = read(statement);
  const tokens = lexer.getAllTokens();
  if (errors.length > 0) return undefined;
  const meant = tokens.filter(({ channel }) => channel === DEFAULT_CHANNEL);
  const isDot = (token) => token?.type === PlSqlLexer.PERIOD;
  const texts = meant.map(({ type, text }, at) => {
    // Next to a dot a keyword is but a name, as in `t.id`; and the grammar has a thousand keywords.
    const name = /^\w/.test(text) && (isDot(meant[at - 1]) || isDot(meant[at + 1]));
    return name ? '"A"' : (PLACEHOLDERS.get(type) ?? text.toUpperCase());
  });
  return withoutRepetitions(texts).join(' ');
}

/** `, x, x, x` says no more about syntax than `, x, x`. */
function withoutRepetitions(texts) {
  const kept = [];
  for (const text of texts) {
    kept.push(text);
    for (let length = 2; length <= LONGEST_ITEM + 1; length += 1) {
      const items = [0, 1, 2].map((back) =>
        kept.slice(kept.length - (back + 1) * length, kept.length - back * length),
      );
      if (kept.length < 3 * length || items[0][0] !== ',' || !isBalanced(items[0])) continue;
      const [last, previous, first] = items.map((item) => item.join(' '));
      if (last === previous && previous === first) kept.splice(kept.length - length, length);
    }
  }
  return kept;
}

function isBalanced(texts) {
  let depth = 0;
  for (const text of texts) {
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

function firstError(statement) {
  const { parser, errors } = read(statement);
  const tokens = parser.getTokenStream();
  const block = ['BEGIN', 'DECLARE'].includes(tokens.LT(1).text?.toUpperCase());
  parser.unit_statement();
  const complain = (message) => {
    const { line, column } = tokens.LT(1);
    errors.push({ line, column, message });
  };
  // A block ends with a semicolon, which the grammar leaves to what stands around it.
  if (block && tokens.LA(1) !== PlSqlLexer.SEMICOLON) complain("the block does not end with ';'");
  else if (block) tokens.consume();
  if (tokens.LA(1) !== END) complain(`the statement ends before '${tokens.LT(1).text}'`);
  return errors[0];
}

function read(statement) {
  const errors = [];
  const parser = getParserFromInput(statement);
  const lexer = parser.getTokenStream().tokenSource;
  const listener = {
    syntaxError: (_recognizer, _symbol, line, column, message) => errors.push({ line, column, message }),
    reportAmbiguity: () => undefined,
    reportAttemptingFullContext: () => undefined,
    reportContextSensitivity: () => undefined,
  };
  for (const recognizer of [lexer, parser]) {
    recognizer.removeErrorListeners();
    recognizer.addErrorListener(listener);
  }
  parser.buildParseTrees = false;
  return { lexer, parser, errors };
}
