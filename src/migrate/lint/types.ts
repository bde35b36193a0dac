import type { SqlFlavour } from '../sql/flavours.js';

/** A type's name with its numbers: `VARCHAR(20)` is `VARCHAR` and 20. */
interface Parsed {
  base: string;
  numbers: number[];
}

const SYNONYMS: Readonly<Record<string, string>> = {
  'CHARACTER VARYING': 'VARCHAR',
  VARCHAR2: 'VARCHAR',
  CHARACTER: 'CHAR',
  BPCHAR: 'CHAR',
  INT: 'INTEGER',
  INT4: 'INTEGER',
  INT8: 'BIGINT',
  INT2: 'SMALLINT',
  BOOL: 'BOOLEAN',
  DEC: 'NUMERIC',
  DECIMAL: 'NUMERIC',
  NUMBER: 'NUMERIC',
  FLOAT8: 'DOUBLE PRECISION',
  DOUBLE: 'DOUBLE PRECISION',
  FLOAT4: 'REAL',
  'TIMESTAMP WITH TIME ZONE': 'TIMESTAMPTZ',
  'TIMESTAMP WITHOUT TIME ZONE': 'TIMESTAMP',
  VARBIT: 'BIT VARYING',
};

function parse(type: string): Parsed {
  const text = type.toUpperCase().replace(/\s+/g, ' ').trim();
  const numbers = /\(([^)]*)\)/.exec(text)?.[1]?.match(/\d+/g)?.map(Number) ?? [];
  const base = text.replace(/\s*\([^)]*\)/, '').trim();
  const known = SYNONYMS[base] ?? base;
  // How wide MySQL shows an integer says nothing of what it holds.
  return { base: known, numbers: /INT/.test(known) ? [] : numbers };
}

/**
 * Whether a column can take the new type with nothing but a note in the catalogue.
 * @param from as the catalogue tells it
 * @param to as the statement names it
 */
export function isCheapTypeChange(from: string, to: string, flavour: SqlFlavour): boolean {
  const [old, next] = [parse(from), parse(to)];
  // An enum's or a set's values are no numbers; only the same text is the same type.
  if (/ENUM|^SET/.test(next.base)) return from.toUpperCase().replace(/\s/g, '') === to.replace(/\s/g, '');
  if (old.base === next.base && old.numbers.join() === next.numbers.join()) return true;
  switch (flavour) {
    case 'postgres':
      return isCheapOnPostgres(old, next);
    case 'mysql':
    case 'mariadb':
      return old.base === 'VARCHAR' && next.base === 'VARCHAR' && isCheapVarchar(old, next, flavour);
    case 'oracle':
      return old.base === next.base && isWider(old, next);
    case 'sqlite':
      return false;
  }
}

function isCheapOnPostgres(old: Parsed, next: Parsed): boolean {
  const text = (type: Parsed): boolean => type.base === 'VARCHAR' || type.base === 'TEXT';
  if (text(old) && text(next)) return next.base === 'TEXT' || isWider(old, next);
  if (old.base === 'CIDR' && next.base === 'INET') return true;
  const growing = ['NUMERIC', 'BIT VARYING', 'TIMESTAMP', 'TIMESTAMPTZ', 'TIME', 'INTERVAL'];
  return old.base === next.base && growing.includes(old.base) && isWider(old, next);
}

/** Whether a length or precision grows and a scale stays; no number is no limit. */
function isWider(old: Parsed, next: Parsed): boolean {
  const [length = Infinity, scale = 0] = old.numbers;
  const [newLength = Infinity, newScale = 0] = next.numbers;
  return newLength >= length && (scale === newScale || newLength === Infinity);
}

/** MySQL keeps lengths up to 255 bytes in one byte; past that limit every row is written anew. */
function isCheapVarchar(old: Parsed, next: Parsed, flavour: SqlFlavour): boolean {
  const [length = 0] = old.numbers;
  const [newLength = 0] = next.numbers;
  if (newLength < length) return false;
  return (
    flavour === 'mariadb' || ![1, 2, 3, 4].some((bytes) => length * bytes <= 255 && newLength * bytes > 255)
  );
}
