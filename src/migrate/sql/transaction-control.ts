import type { SqlFlavour } from './flavours.js';
import { codeTokens } from './tokens.js';

/** The words that begin or end a transaction. ROLLBACK TO a savepoint does neither. */
const WORDS =
  /^(?:BEGIN(?! NOT\b)|START TRANSACTION|COMMIT|ROLLBACK(?! (?:(?:WORK|TRANSACTION) )?TO\b)|ABORT|END|PREPARE TRANSACTION|SET AUTOCOMMIT|XA)(?: |$)/;

/** The words by which a statement begins or ends a transaction; undefined for one that does neither. */
export function transactionControl(text: string, flavour: SqlFlavour): string | undefined {
  if (!/^(?:BEGIN|START|COMMIT|ROLLBACK|ABORT|END|PREPARE|SET|XA)\b/i.test(text)) return undefined;
  if (flavour === 'oracle' && /^BEGIN\b/i.test(text)) return undefined;
  const words = codeTokens(text, flavour).map((token) => token.text.toUpperCase());
  return WORDS.exec(words.slice(0, 4).join(' '))?.[0].trim();
}
