/*
 * The way that everybody begins with: TypeORM's repository.save, a document at a time.
 */
import { join } from 'node:path';
import { deserialize, serialize } from 'bson';
import { ROOT } from '../../scripts/lib/process.mjs';
import { traceDocument } from './trace-documents.mjs';

const load = (module) => import(join(ROOT, 'build', 'src', `${module}.js`));

/**
 * Saves the first documents, mapped beforehand: a trace, then its spans in one call.
 * @returns {Promise<{ms: number}>}
 */
export async function saveTraces(url, documents) {
  const { withDatabase } = await load('database/data-source');
  const { createMapper } = await load('import/mapper');
  const { mappingFor } = await load('import/mappings/all-mappings');
  const { BSON_OPTIONS } = await load('import/sources/bson-file');
  const { Trace } = await load('entities/trace');
  const { Span } = await load('entities/span');
  const map = createMapper(mappingFor('traces'));
  const entities = Array.from({ length: documents }, (_, index) => {
    const { mapped } = map(deserialize(serialize(traceDocument(index)), BSON_OPTIONS), () => undefined);
    return {
      trace: entityOf(Trace, mapped.row),
      spans: mapped.children[0].rows.map((row) => entityOf(Span, row)),
    };
  });
  const none = { poolSize: 1, connectTimeout: 5000, statementTimeout: 0, tls: { mode: 'disable' } };
  return withDatabase({ url, ...none }, [Trace, Span], async ({ dataSource }) => {
    const traces = dataSource.getRepository(Trace);
    const spans = dataSource.getRepository(Span);
    const start = performance.now();
    for (const one of entities) {
      await traces.save(one.trace);
      await spans.save(one.spans);
    }
    return { ms: performance.now() - start };
  });
}

const JSON_PROPERTIES = new Set(['costDetails', 'extraData', 'input', 'output', 'usageDetails', 'model']);

/** JSON is a value in an entity, and a text in a row. */
function entityOf(entity, row) {
  const entries = Object.entries(row).map(([name, value]) =>
    JSON_PROPERTIES.has(name) && typeof value === 'string' ? [name, JSON.parse(value)] : [name, value],
  );
  return Object.assign(new entity(), Object.fromEntries(entries));
}
