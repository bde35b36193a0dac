import { code, table } from './markdown.mjs';

const built = (path) => import(new URL(`../../build/src/${path}.js`, import.meta.url).href);

/** Blocks of docs/import.md, made from src/import/mappings. */
export async function mappingBlocks() {
  const { ALL_MAPPINGS } = await built('import/mappings/all-mappings');
  const { tableOf } = await built('database/model/table-model');
  const tablesOf = ({ entity, children = [] }) =>
    [entity, ...children.map((child) => child.entity)].map((one) => code(tableOf(one).name)).join(', ');
  const rows = ALL_MAPPINGS.map((mapping) => [
    code(mapping.collection),
    tablesOf(mapping),
    mapping.id === 'own' ? 'its own' : 'UUIDv5',
    mapping.cursor.map(code).join(', then '),
  ]);
  return { mappings: table(['Collection', 'Tables', 'Id', 'Date'], rows) };
}
