/**
 * Control characters, terminal escape sequences, and the invisible characters that turn the writing
 * direction round. Zero-width joiners stay: emoji are made with them.
 */
// eslint-disable-next-line no-control-regex -- finding control characters is the point
const HARMFUL = /[\u0000-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]|\p{Surrogate}/gu;

const SHORT: Readonly<Record<string, string>> = {
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
};

/**
 * Shows characters that would steer the terminal as visible escapes (`\n`, `\x1b`, `\u202e`), on one
 * line. Data comes from strangers: an escape sequence in a prompt must not clear the screen, move the
 * cursor or set the window's title of whoever looks at a report.
 */
export function printable(text: string): string {
  return text.replaceAll(HARMFUL, visible);
}

/** As `printable`, but line feeds and tabs stay: for messages of several lines. */
export function printableLines(text: string): string {
  return text.replaceAll(HARMFUL, (char) => (char === '\n' || char === '\t' ? char : visible(char)));
}

function visible(char: string): string {
  const code = char.charCodeAt(0);
  return (
    SHORT[char] ??
    (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`)
  );
}
