import type { QueryRunner } from 'typeorm';
import type { VectorColumn, VectorColumns, VectorColumnState } from '../vector-columns.js';
import { quote } from './postgres-values.js';

/** By the extension, whose schema may be one that is not searched: then the type is written with the schema. */
const STATE = `SELECT
  (SELECT format_type(t.oid, NULL) FROM pg_extension e
     JOIN pg_type t ON t.typnamespace = e.extnamespace AND t.typname = 'vector'
     WHERE e.extname = 'vector' AND has_schema_privilege(e.extnamespace, 'USAGE')) AS type,
  EXISTS (SELECT 1 FROM pg_attribute a
    WHERE a.attrelid = to_regclass($1) AND a.attname = $2 AND a.attgenerated <> '') AS exists`;

async function state(runner: QueryRunner, { table, name }: VectorColumn): Promise<VectorColumnState> {
  const [row] = (await runner.query(STATE, [quote(table), name])) as [
    { type: string | null; exists: boolean },
  ];
  return { type: row.type ?? undefined, exists: row.exists };
}

/** Most dimensions that the type takes. */
const MOST_DIMENSIONS = 16_000;
/** Its elements are float4; this is what the largest is written as, and anything above may be infinite. */
const LARGEST_ELEMENT = '3.4028235e38';

/**
 * The type reads the text of a JSON list of numbers. CASE keeps from it what it would refuse: whatever has other
 * characters than such a list (texts, null, lists in lists, and the objects that NaN and infinity are kept as), too many
 * elements, too large ones. Negative zero is such an object too, and an element like any other. The text of jsonb
 * is always written alike: one blank behind `:`, and numbers without exponents.
 *
 * Every part is immutable, which a computed column must be, and there in PostgreSQL 13. No part has a backslash, which
 * some settings read in another way.
 */
function addition({ table, name, source }: VectorColumn, type: string): string {
  const json = quote(source);
  const text = `replace(${json}::text, '{"$numberDouble": "-0.0"}', '-0')`;
  return `ALTER TABLE ${quote(table)} ADD COLUMN ${quote(name)} ${type} GENERATED ALWAYS AS (
  CASE WHEN ${text} ~ '^[[][-.,0-9 ]+[]]$' THEN
    CASE WHEN jsonb_array_length(${json}) <= ${MOST_DIMENSIONS}
      AND NOT ${json} @? '$[*] ? (@ > ${LARGEST_ELEMENT} || @ < -${LARGEST_ELEMENT})'
    THEN ${text}::${type} END
  END
) STORED`;
}

export const postgresVectors: VectorColumns = { extension: 'pgvector', state, addition };
