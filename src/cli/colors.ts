/** The few styles dbtool uses; SGR codes that switch them on and off. */
const STYLES = { bold: [1, 22], dim: [2, 22], red: [31, 39], yellow: [33, 39], green: [32, 39] } as const;

/** Whether a stream takes colours: a terminal, and neither NO_COLOR nor --no-color. */
export function takesColor(stream: { isTTY?: boolean }): boolean {
  return stream.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
}

/** Styles `text` when `on`, else gives it back as it is. */
export function paint(style: keyof typeof STYLES, text: string, on: boolean): string {
  const [start, end] = STYLES[style];
  return on ? `\u001B[${String(start)}m${text}\u001B[${String(end)}m` : text;
}
