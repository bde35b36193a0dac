/**
 * `word`: an unquoted name or keyword. `name`: a "quoted" one. `invalid`: a character that starts
 * nothing, or a literal, name or comment that does not end. `end` follows the last token.
 */
export type TokenKind =
  'word' | 'name' | 'string' | 'number' | 'bind' | 'operator' | 'space' | 'comment' | 'invalid' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As it stands in the statement. */
  readonly text: string;
  /** What it means: words in upper case; strings, names and binds without what encloses them. */
  readonly value: string;
}

type Reading = (text: string, at: number) => Token | undefined;

const byPattern =
  (kind: TokenKind, pattern: RegExp, value: (text: string) => string = (text) => text): Reading =>
  (text, at) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    return found === undefined ? undefined : { kind, text: found, value: value(found) };
  };

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}', '(': ')', '<': '>' };

/** `q'[it's]'`: the character after the quote and its counterpart enclose the text. */
function alternativeQuoting(text: string, at: number): Token | undefined {
  const start = /[nN]?[qQ]'([^\s])/uy;
  start.lastIndex = at;
  const [opening, delimiter] = start.exec(text) ?? [];
  if (opening === undefined || delimiter === undefined) return undefined;
  const from = at + opening.length;
  const end = text.indexOf(`${CLOSING[delimiter] ?? delimiter}'`, from);
  if (end < 0) return { kind: 'invalid', text: text.slice(at), value: "'" };
  return {
    kind: 'string',
    text: text.slice(at, end + delimiter.length + 1),
    value: text.slice(from, end),
  };
}

const READINGS: readonly Reading[] = [
  byPattern('space', /\s+/y),
  byPattern('comment', /--[^\n]*|\/\*[\s\S]*?\*\//y),
  byPattern('invalid', /\/\*[\s\S]*/y, () => '/*'),
  alternativeQuoting,
  byPattern('string', /[nN]?'(?:[^']|'')*'/y, (text) =>
    text.slice(text.indexOf("'") + 1, -1).replaceAll("''", "'"),
  ),
  byPattern('invalid', /[nN]?'[\s\S]*/y, () => "'"),
  byPattern('name', /"[^"]*"/y, (text) => text.slice(1, -1)),
  byPattern('invalid', /"[\s\S]*/y, () => '"'),
  byPattern('number', /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?:[dDfF](?![\p{L}\p{N}_$#]))?/uy),
  byPattern('word', /\p{L}[\p{L}\p{N}_$#]*/uy, (text) => text.toUpperCase()),
  byPattern('bind', /:\s*(?:[\p{L}\p{N}][\p{L}\p{N}_$#]*|"[^"]*")/uy, (text) => text.slice(1).trim()),
  byPattern('operator', /\|\||<=|>=|<>|!=|\^=|=>|[-+*/(),.=<>@;]/y),
  byPattern('invalid', /[\s\S]/uy),
];

/** All of the statement: the tokens' texts, joined, are the statement again. */
export function tokenize(statement: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < statement.length;) {
    const token = readToken(statement, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function readToken(statement: string, at: number): Token {
  for (const reading of READINGS) {
    const token = reading(statement, at);
    if (token) return token;
  }
  throw new Error(`nothing reads ${JSON.stringify(statement.slice(at, at + 20))}`);
}
