import { fence } from './markdown.mjs';

const built = (path) => import(new URL(`../../build/src/${path}.js`, import.meta.url).href);

/** Block of docs/databases.md: the statement that doctor tells and the migration runs. */
export async function vectorBlocks() {
  const { ALL_ENTITIES } = await built('entities/all-entities');
  const { tableOf } = await built('database/model/table-model');
  const { vectorColumnsOf } = await built('database/vector-columns');
  const { postgres } = await built('database/dialects/postgres');
  const statements = vectorColumnsOf(ALL_ENTITIES.map(tableOf)).map(
    (column) => `${postgres.vectorColumns.addition(column, 'vector')};`,
  );
  return { 'vector-column': fence('sql', statements.join('\n\n')) };
}
