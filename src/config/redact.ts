/**
 * Keeps secrets out of everything dbtool prints, logs or stores.
 *
 * Two lines of defence. Patterns find credentials in URLs and `password=…` pairs, wherever they come
 * from (a driver's message, a config file's excerpt). Exact values, registered when a secret is read,
 * are masked wherever they turn up, in whatever shape a pattern would miss.
 *
 * When a text can be read in two ways, the reading that hides more wins: a masked host name is a
 * nuisance, a printed password is an incident.
 *
 * All scanning is linear: hostile or merely huge text must not hang the error path.
 */
const MASK = '***';

/** The shortest secret that is looked for by value; a shorter one would blank out half of any text. */
const SHORTEST_SECRET = 4;

/**
 * Values that are not looked for by value although somebody uses them as a password. They stand in
 * dbtool's own messages; masking them there would make the text unreadable and give the password
 * away by the hole it leaves. The patterns still mask them where a password stands.
 */
const EVERYDAY_WORDS = new Set(
  (
    'postgres postgresql oracle mysql mariadb sqlite mongodb mongo database dbtool password secret token ' +
    'admin root user test localhost true false null none'
  ).split(' '),
);

const SECRET_KEY =
  /password|passwd|pwd|passphrase|secret|token|authmechanismproperties|(?:api|access|private)[_-]?key/giu;
const YAML_INDENT = /^[ \t>|\d]*(?:-[ \t]+)?$/u;

const secrets = new Set<string>();
let secretPattern: RegExp | undefined;

/**
 * Makes `redact` mask this exact value from now on: as it stands, JSON-escaped and URL-encoded.
 * Values shorter than four characters and everyday words (`postgres`, `password`, …) are left to the
 * patterns.
 */
export function registerSecret(value: string): void {
  if (value.length < SHORTEST_SECRET || EVERYDAY_WORDS.has(value.toLowerCase())) return;
  const encoded = encodeForUrl(value);
  const spellings = [
    value,
    JSON.stringify(value).slice(1, -1),
    encoded,
    encoded.replaceAll(/%[0-9A-F]{2}/gu, (hex) => hex.toLowerCase()),
    encoded.replaceAll('%20', '+'),
    encodeStrictly(encoded),
  ];
  for (const spelling of spellings) secrets.add(spelling);
  // The longest first, or a secret that starts with another would leave its tail behind.
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length);
  secretPattern = new RegExp(longestFirst.map(escapeForRegExp).join('|'), 'gu');
}

/** Forgets all registered secrets; for tests. */
export function forgetSecrets(): void {
  secrets.clear();
  secretPattern = undefined;
}

/**
 * Masks what is secret in one URL or connection string, malformed ones included: the whole argument
 * is taken as the URL, so passwords may hold `@ / : # ? %`, spaces and quotes.
 *
 * Promise: nothing between the first `:` of the user part and the last `@` of the string is shown,
 * nor the value of any `password=`, `pwd=`, `secret=`, `token=` or `authMechanismProperties=`.
 */
export function maskUrl(url: string): string {
  const exact = maskRegistered(url);
  const pairs = maskPairs(exact, false);
  const scheme = /^\s*[a-z][a-z0-9+.-]*:\/\//iu.exec(pairs)?.[0];
  if (scheme !== undefined) return scheme + maskAuthority(pairs.slice(scheme.length), true);
  // Without "//" a path may hold an @ quite lawfully; anything else may be user:password@host.
  if (/^(?:sqlite:|file:|[./~\\]|[a-z]:[\\/])/iu.test(pairs) || /^\s*[\w.]+\s*=/u.test(pairs)) return pairs;
  return pairs.includes('@') ? maskAuthority(pairs, true) : pairs;
}

/**
 * Masks every secret in free text: URLs with credentials, `password=…` pairs, JSON and YAML members
 * with a secret's name, and every registered value.
 *
 * In free text a URL ends at white space or a quotation mark; a password that holds one is found by
 * its registered value only.
 */
export function redact(text: string): string {
  return maskUrls(maskPairs(maskRegistered(text), true));
}

function maskRegistered(text: string): string {
  return secretPattern === undefined ? text : text.replaceAll(secretPattern, MASK);
}

function encodeForUrl(value: string): string {
  // A lone surrogate cannot be encoded and makes encodeURIComponent throw.
  return encodeURIComponent(Buffer.from(value).toString());
}

/** Percent-encodes also what encodeURIComponent leaves alone but URL builders may encode. */
function encodeStrictly(encoded: string): string {
  return encoded.replaceAll(
    /[!'()*]/gu,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function escapeForRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`);
}

/** Masks the credentials in every URL of a text. */
function maskUrls(text: string): string {
  let out = '';
  let done = 0;
  for (let at = text.indexOf('://'); at !== -1; at = text.indexOf('://', Math.max(done, at + 3))) {
    const start = at + 3;
    const end = endOfUrl(text, start);
    const web = /(?:^|[^a-z0-9+.-])https?$/iu.test(text.slice(Math.max(0, at - 8), at));
    out += text.slice(done, start) + maskAuthority(text.slice(start, end), !web);
    done = end;
  }
  return out + text.slice(done);
}

function endOfUrl(text: string, start: number): number {
  for (let i = start; i < text.length; i++) {
    const char = text[i] ?? '';
    if (char === '\\' && text[i + 1] !== '"') i++;
    else if (/[\s"'`<>\\]/u.test(char)) return i;
  }
  return text.length;
}

/**
 * Masks the password in what follows a URL's `scheme://`. The user part reaches to the LAST @,
 * because passwords with a raw @ or / are the commonest malformed URLs.
 *
 * @param slashParts whether `user/password@host`, the way Oracle's tools write it, counts too.
 */
function maskAuthority(rest: string, slashParts: boolean): string {
  const at = rest.lastIndexOf('@');
  if (at !== -1) {
    const userPart = rest.slice(0, at);
    const split = userPart.search(slashParts ? /[:/]/u : /:/u);
    if (split === -1 || split === userPart.length - 1) return rest;
    return `${rest.slice(0, split + 1)}${MASK}${rest.slice(at)}`;
  }
  // No @: either hosts with ports, or a URL whose host got lost together with its @.
  const colon = rest.search(/:/u);
  if (colon === -1 || HOSTS.test(withoutPunctuation(rest)) || /[/?#]/u.test(rest.slice(0, colon)))
    return rest;
  return colon === rest.length - 1 ? rest : `${rest.slice(0, colon + 1)}${MASK}`;
}

/** What stands before the full stop, bracket or colon with which a sentence goes on after a URL. */
function withoutPunctuation(text: string): string {
  let end = text.length;
  while (end > 0 && '.:;,)]}'.includes(text[end - 1] ?? '')) end--;
  // An IPv6 address ends in a bracket of its own.
  return text.slice(0, text[end] === ']' ? end + 1 : end);
}

/** One or several `host` or `host:port`, up to where the path begins or a sentence goes on. */
const HOSTS =
  /^(?:\[[0-9a-f:.%]*\]|[^:/?#,\s@[\]]*)(?::\d{1,5})?(?:,(?:\[[0-9a-f:.%]*\]|[^:/?#,\s@[\]]*)(?::\d{1,5})?)*(?=[/?#]|$)/iu;

/** Masks the values of `password=…`, `"password": "…"` and YAML's `password: …`. */
function maskPairs(text: string, free: boolean): string {
  let out = '';
  let done = 0;
  for (const match of text.matchAll(SECRET_KEY)) {
    if (match.index < done) continue;
    const value = findValue(text, match.index, match.index + match[0].length, free);
    if (value === undefined || value.start === value.end) continue;
    const quote = value.quote ?? '';
    out += text.slice(done, value.start) + quote + MASK + quote;
    done = value.end;
  }
  return out + text.slice(done);
}

interface Span {
  start: number;
  end: number;
  /** The quotation mark that the mask needs to keep the text valid JSON. */
  quote?: string;
}

/** Where the value of a key at [keyStart, keyEnd) stands, without its quotes; undefined if it has none. */
function findValue(text: string, keyStart: number, keyEnd: number, free: boolean): Span | undefined {
  const keyQuote = /^\\*["'`]/u.exec(text.slice(keyEnd, keyEnd + 8))?.[0] ?? '';
  let at = skipBlanks(text, keyEnd + keyQuote.length);
  const separator = text[at];
  if (separator !== '=' && separator !== ':') return undefined;
  const afterSeparator = at + 1;
  at = skipBlanks(text, afterSeparator);

  const quote = /^\\*["']/u.exec(text.slice(at, at + 8))?.[0];
  if (quote !== undefined)
    return { start: at + quote.length, end: endOfQuoted(text, at + quote.length, quote) };
  if (separator === '=') {
    return { start: at, end: endOfBare(text, at, { free, query: isQueryKey(text, keyStart) }) };
  }
  // An unquoted value after a colon is YAML or JSON when the line looks so, and prose otherwise.
  if (keyQuote !== '') return jsonScalar(text, at, keyQuote);
  if (afterSeparator < text.length && at > afterSeparator && startsLine(text, keyStart)) {
    const lineEnd = text.indexOf('\n', at);
    return { start: at, end: lineEnd === -1 ? text.length : lineEnd };
  }
  return undefined;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at;
}

function keyPrefixStart(text: string, keyStart: number): number {
  // A key is a word such as DBTOOL_DATABASE_PASSWORD; 64 characters back is as far as it is worth looking.
  const floor = Math.max(0, keyStart - 64);
  let at = keyStart;
  while (at > floor && /[\w.-]/u.test(text[at - 1] ?? '')) at--;
  return at;
}

function isQueryKey(text: string, keyStart: number): boolean {
  return /[?&]/u.test(text[keyPrefixStart(text, keyStart) - 1] ?? '');
}

function startsLine(text: string, keyStart: number): boolean {
  const prefix = keyPrefixStart(text, keyStart);
  const lineStart = text.lastIndexOf('\n', prefix - 1) + 1;
  return prefix - lineStart <= 200 && YAML_INDENT.test(text.slice(lineStart, prefix));
}

/** The end of a quoted value; an unclosed one reaches to the end of the text. */
function endOfQuoted(text: string, from: number, quote: string): number {
  for (let i = from; i < text.length; i++) {
    if (text.startsWith(quote, i)) {
      // 'it''s': a doubled quote is part of the value.
      if (quote.length === 1 && text[i + 1] === quote) i++;
      else return i;
    } else if (text[i] === '\\') i++;
  }
  return text.length;
}

function endOfBare(text: string, from: number, where: { free: boolean; query: boolean }): number {
  for (let i = from; i < text.length; i++) {
    const char = text[i] ?? '';
    if (char === '\\' && !(where.free && text[i + 1] === '"')) i++;
    else if (/\s/u.test(char) || (where.query && char === '&')) return i;
    else if (where.free && (char === '"' || char === '\\')) return i;
  }
  return text.length;
}

/** A number as a secret; null, a truth value, an object and a list are none. */
function jsonScalar(text: string, from: number, quote: string): Span | undefined {
  let at = from;
  while (at < text.length && !/[\s,}\]]/u.test(text[at] ?? '')) at++;
  return /^(?:null|true|false|[[{].*)$/su.test(text.slice(from, at))
    ? undefined
    : { start: from, end: at, quote };
}
