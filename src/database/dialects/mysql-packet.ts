import type { QueryRunner } from 'typeorm';

/** Below this no server refuses a statement: its own default is 16 MB. */
export const ALWAYS_TAKEN = 1024 * 1024;
/** What the statement has beside its values, generously. */
const STATEMENT_BYTES = 64 * 1024;
/** The server's number for what is longer than it takes. */
const ER_NET_PACKET_TOO_LARGE = 1153;

// eslint-disable-next-line no-control-regex
const ESCAPED = /[\0\b\t\n\r\x1a"'\\]/g;

/**
 * Refuses values that make a statement longer than the server takes. Sent nevertheless, the server would break
 * the connection off, and whoever reads that cannot know that one row is at fault.
 * @throws Error with the server's own number for it
 */
export async function refuseTooLong(runner: QueryRunner, values: readonly unknown[]): Promise<void> {
  const bytes = values.reduce<number>((sum, value) => sum + bytesOf(value), STATEMENT_BYTES);
  if (bytes < ALWAYS_TAKEN) return;
  const [row] = (await runner.query('SELECT @@max_allowed_packet AS most')) as { most: number | string }[];
  const most = Number(row?.most);
  if (bytes <= most) return;
  throw Object.assign(
    new Error(`Got a packet bigger than 'max_allowed_packet' bytes: ${bytes} and not ${most} at most`),
    { errno: ER_NET_PACKET_TOO_LARGE },
  );
}

/** The bytes of a value as the driver writes it into the statement. */
function bytesOf(value: unknown): number {
  if (typeof value !== 'string') return 32;
  const bytes = Buffer.byteLength(value) + 2;
  return bytes < ALWAYS_TAKEN / 32 ? bytes * 2 : bytes + (value.match(ESCAPED)?.length ?? 0);
}
