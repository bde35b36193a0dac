/*
 * node bench/save-with-typeorm.mjs URL COUNT
 *
 * What an import by TypeORM alone would do: saves the first COUNT documents of the bench one by one through its
 * repositories, with dbtool's own entities and DataSource. Prints the milliseconds that the saving took: to start,
 * to connect, and to make entities of documents costs nothing here.
 */
import { join } from 'node:path';
import { ROOT } from '../scripts/lib/process.mjs';
import { traceDocument } from './lib/trace-documents.mjs';

const load = (module) => import(join(ROOT, 'build', 'src', `${module}.js`));
const { withDatabase } = await load('database/data-source');
const { createMapper } = await load('import/mapper');
const { mappingFor } = await load('import/mappings/all-mappings');
const { Span } = await load('entities/span');
const { Trace } = await load('entities/trace');

const [url, count] = [process.argv[2], Number(process.argv[3])];
const settings = {
  url,
  poolSize: 1,
  connectTimeout: 10_000,
  statementTimeout: 0,
  tls: { mode: 'disable' },
};

const ms = await withDatabase(settings, [Trace, Span], async ({ dataSource }) => {
  const traces = dataSource.getRepository(Trace);
  const spans = dataSource.getRepository(Span);
  const map = createMapper(mappingFor('traces'));
  const documents = Array.from({ length: count }, (_, index) => {
    const { row, children } = map(traceDocument(index), refuseChange).mapped;
    return { trace: entityOf(traces, row), spans: children[0].rows.map((child) => entityOf(spans, child)) };
  });
  const start = performance.now();
  for (const document of documents) {
    await traces.save(document.trace);
    await spans.save(document.spans);
  }
  return performance.now() - start;
});
console.log(`saved in ${ms} ms`);

function entityOf(repository, row) {
  const { columns } = repository.metadata;
  const isJson = ({ type }) => type === 'jsonb';
  const values = columns.map((column) => {
    const value = row[column.propertyName] ?? null;
    return [column.propertyName, isJson(column) && value !== null ? JSON.parse(value) : value];
  });
  return repository.create(Object.fromEntries(values));
}

function refuseChange(field, what) {
  throw new Error(`${field} is changed: ${what}`);
}
