import { instanceToPlain } from 'class-transformer';
import { entityComments, propertyComment } from './entity-comments.mjs';
import { code, fence, table } from './markdown.mjs';

const built = (path) => import(new URL(`../../build/src/${path}.js`, import.meta.url).href);

/** Blocks of docs/data-model.md, made from the entities and the dialects. */
export async function dataModelBlocks() {
  const { ALL_ENTITIES } = await built('entities/all-entities');
  const { tableOf } = await built('database/model/table-model');
  const comments = entityComments();
  const models = ALL_ENTITIES.map((entity) => ({ entity, table: tableOf(entity), comments }));
  return {
    diagram: diagram(models.map((model) => model.table)),
    tables: models.map(tableSection).join('\n\n'),
    'column-types': await columnTypes(),
  };
}

/** Keys only: with every column the picture shows nothing any more. */
function diagram(tables) {
  const entities = tables.map((model) => {
    const lines = model.columns
      .map((column) => ({ column, marks: keyMarks(model, column) }))
      .filter(({ marks }) => marks.length > 0)
      .map(({ column, marks }) => `    ${column.type.kind} ${column.name} ${marks.join(', ')}`);
    return `  ${model.name} {\n${lines.join('\n')}\n  }`;
  });
  const relations = tables.flatMap((model) =>
    model.columns
      .filter((column) => column.references)
      .map(
        (column) =>
          `  ${column.references.table} ${column.nullable ? '|o' : '||'}--o{ ${model.name} : ${column.name}`,
      ),
  );
  return fence('mermaid', ['erDiagram', ...relations, ...entities].join('\n'));
}

function keyMarks({ uniques }, column) {
  const marks = [];
  if (column.primary) marks.push('PK');
  if (column.references) marks.push('FK');
  if (uniques.some((key) => key.columns.length === 1 && key.columns[0] === column.name)) marks.push('UK');
  return marks;
}

function tableSection({ entity, table: model, comments }) {
  const shown = shownColumns(entity, model);
  const rows = model.columns.map((column) => [
    code(column.name),
    typeName(column.type),
    column.nullable ? 'yes' : 'no',
    columnKey(model, column),
    [propertyComment(comments, entity.name, column.property), shown.has(column.name) ? '' : 'Secret.']
      .filter((part) => part !== '')
      .join(' '),
  ]);
  return [
    `### ${model.name}`,
    comments.get(entity.name).comment.replaceAll(/\s*\n\s*/g, ' '),
    table(['Column', 'Type', 'Null', 'Key', 'Meaning'], rows),
    keyList('Unique', model.uniques),
    keyList('Indexes', model.indexes),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** What the serialiser gives out of an entity; the other columns are secret. */
function shownColumns(entity, model) {
  const filled = Object.fromEntries(model.columns.map((column) => [column.property, 0]));
  const instance = Object.assign(new entity(), filled);
  return new Set(Object.keys(instanceToPlain(instance, { excludeExtraneousValues: true })));
}

function columnKey({ uniques }, column) {
  const { references } = column;
  return [
    column.primary ? 'primary' : '',
    uniques.some((key) => key.columns.length === 1 && key.columns[0] === column.name) ? 'unique' : '',
    references === undefined
      ? ''
      : `[${references.table}](#${references.table}).${references.column}${references.onDelete === 'CASCADE' ? ', cascades' : ''}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function keyList(title, keys) {
  if (keys.length === 0) return '';
  return `${title}: ${keys.map((key) => `(${key.columns.map(code).join(', ')})`).join(', ')}.`;
}

const typeName = (type) => (type.kind === 'string' ? `string(${type.length})` : type.kind);

/** What each logical type becomes. MySQL and MariaDB have the same columns; should they part, this says so. */
async function columnTypes() {
  const types = await built('database/model/logical-type');
  const dialects = [
    ['PostgreSQL', (await built('database/dialects/postgres')).postgres],
    ['MySQL', (await built('database/dialects/mysql')).mysql],
    ['MariaDB', (await built('database/dialects/mysql')).mariadb],
    ['SQLite', (await built('database/dialects/sqlite')).sqlite],
    ['Oracle', (await built('database/dialects/oracle')).oracle],
  ];
  const samples = ['string', 'text', 'integer', 'double', 'money', 'flag', 'instant', 'json'].map((kind) =>
    kind === 'string' ? types.string('n') : types[kind](),
  );
  const rows = samples.map((type) => [
    typeName(type),
    ...dialects.map(([, dialect]) => code(nativeType(dialect.nativeColumn(type)))),
  ]);
  return table(['Logical type', ...dialects.map(([name]) => name)], rows);
}

/** `numeric(20, 10)`, `timestamp(3) with time zone`, `text COLLATE "C"`. */
function nativeType({ type, length, precision, scale, collation }) {
  const size = length ?? (scale === undefined ? precision : `${precision}, ${scale}`);
  const sized =
    size === undefined
      ? type
      : length === undefined
        ? type.replace(/^\w+/, `$&(${size})`)
        : `${type}(${size})`;
  return collation === undefined ? sized : `${sized} COLLATE "${collation}"`;
}
