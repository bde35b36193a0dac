import { deserialize, type Document, Int32, ObjectId, serialize, UUID } from 'bson';
import { createHash } from 'node:crypto';
import { generateDemoData } from '../../scripts/demo-data/generate.mjs';
import { mappingFor } from '../../src/import/mappings/all-mappings.js';
import { awkwardDocument } from './awkward-documents.js';

/** How much of everything there is. */
export interface PlatformSize {
  /** Requests; conversations and metrics go with them. */
  traces: number;
  /** How often each configured document stands there once more, every other time in the older shape. */
  copies: number;
  /** Documents of each collection with values that are hardly to be expected; many do not fit. */
  awkward: number;
}

/** Collections of which more is made by asking the generator for more traces. */
const TRAFFIC = new Set(['traces', 'metrics', 'agent_conversations']);
/** Of so many documents with 1536 numbers each, a few more tell no more. */
const MOST_CHUNK_COPIES = 3;
const OLD_SETTINGS = ['retrieve', 'ui_settings', 'language', 'sample_test_set'];

/**
 * All collections of the platform, of older and newer shapes: the demo data with its broken documents, copies of
 * what is configured, and awkward documents. Values are as BSON has them, its kinds of numbers told apart.
 */
export function platformData({ traces, copies, awkward }: PlatformSize): Record<string, Document[]> {
  const data = generateDemoData({ traces, seed: 20260401 });
  return Object.fromEntries(
    Object.entries(data).map(([collection, documents]) => {
      const times = collection.startsWith('documents_') ? Math.min(copies, MOST_CHUNK_COPIES) : copies;
      const more = TRAFFIC.has(collection) ? [] : copiesOf(collection, documents, times);
      return [collection, [...documents, ...more, ...awkwardOnes(collection, awkward)].map(asInBson)];
    }),
  );
}

function copiesOf(collection: string, documents: readonly Document[], times: number): Document[] {
  return Array.from({ length: times }, (_, copy) =>
    documents.map((document, index) => {
      const mark = `${copy + 2}`;
      const made: Document = { ...document, _id: idOf(`${collection} ${index} ${mark}`) };
      if (typeof made['system_name'] === 'string') made['system_name'] = `${made['system_name']}_${mark}`;
      else if (typeof made['name'] === 'string') made['name'] = `${made['name']} ${mark}`;
      if (typeof made['hash'] === 'string') made['hash'] = hashOf(`${made['hash']} ${mark}`);
      return copy % 2 === 0 ? asOlder(collection, made) : made;
    }),
  ).flat();
}

/** A document as the platform wrote it some versions ago. */
function asOlder(collection: string, document: Document): Document {
  const older: Record<string, unknown> = { ...document };
  const { created_at, updated_at, ai_model, source } = older;
  const drop = (...names: string[]): void => {
    for (const name of names) Reflect.deleteProperty(older, name);
  };
  if (created_at !== undefined && updated_at !== undefined) {
    drop('created_at', 'updated_at');
    older['_metadata'] = { created_at, modified_at: updated_at, created_by: 'ann', modified_by: null };
  }
  if (ai_model !== undefined) {
    drop('ai_model');
    older['model'] = ai_model;
  }
  if (collection === 'collections' && source !== undefined) {
    drop('source');
    Object.assign(older, source);
  }
  const [first] = (older['variants'] ?? []) as Document[];
  if (collection === 'retrieval_tools' && first) {
    drop('variants', 'active_variant');
    for (const name of OLD_SETTINGS) if (first[name] !== undefined) older[name] = first[name] as unknown;
  }
  return older;
}

function awkwardOnes(collection: string, count: number): Document[] {
  const mapping = mappingFor(collection);
  if (!mapping) throw new Error(`dbtool does not import ${collection}`);
  const made: Document[] = [];
  for (let number = 0; made.length < count; number += 1) {
    const document = awkwardDocument(mapping, number);
    if (!isWritable(document)) continue;
    const seed = `${collection} awkward ${number}`;
    const ids = [idOf(seed), `text ${seed}`, new Int32(number), new UUID(hashOf(seed).slice(0, 32))];
    // Which of two documents with one key is refused is decided by their order, which a server has of its own.
    if (typeof document['system_name'] === 'string') document['system_name'] = `AWKWARD ${number}`;
    if (typeof document['hash'] === 'string') document['hash'] = hashOf(seed);
    made.push({ ...document, _id: ids[number % ids.length] });
  }
  return made;
}

/**
 * Whether the library writes a value: not names with a NUL, which BSON has no way for, and no objects that it takes
 * for values of its own.
 */
function isWritable(value: unknown): boolean {
  if (value instanceof Map) return false;
  const isPlain =
    Array.isArray(value) || (isObject(value) && Object.getPrototypeOf(value) === Object.prototype);
  if (!isPlain) return true;
  return Object.entries(value).every(
    ([name, inner]) => name !== '_bsontype' && !name.includes('\0') && isWritable(inner),
  );
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function asInBson(document: Document): Document {
  const bytes = serialize(document, { ignoreUndefined: true });
  return deserialize(bytes, { promoteValues: false, promoteBuffers: false, bsonRegExp: true });
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const idOf = (text: string): ObjectId => new ObjectId(hashOf(text).slice(0, 24));
