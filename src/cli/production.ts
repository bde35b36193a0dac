import * as Flags from '@oclif/core/flags';
import type { OpenDatabase } from '../database/data-source.js';
import { DbtoolError } from '../errors/dbtool-error.js';

/** `--allow-production`, for commands that destroy data; `refuseProduction` looks at it. */
export const productionFlag = Flags.boolean({
  summary: 'Do it even on a database that is marked as production.',
});

/** @throws DbtoolError `usage.production.refused` */
export async function refuseProduction(
  database: OpenDatabase,
  allowed: boolean,
  what: string,
): Promise<void> {
  const { readPurpose } = await import('../database/production-mark.js');
  if (allowed || (await readPurpose(database)) !== 'production') return;
  throw new DbtoolError('usage.production.refused', {
    message: `${what} was refused: ${database.url.display} is marked as production`,
    why: 'It destroys data.',
    fix: 'Name another database, or add --allow-production if you mean it.',
  });
}
