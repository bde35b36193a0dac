import { ObjectId, UUID } from 'bson';
import { elementsOf, joinElements, StoredDocument } from './documents.js';
import { CommandError, notImplemented } from './errors.js';
import { sortDocuments } from './sort.js';
import {
  compareValues,
  equalityKey,
  isPlainObject,
  MISSING,
  type PlainObject,
  toNumber,
  typeAlias,
} from './values.js';

export interface Index {
  name: string;
  key: PlainObject;
}

/** One collection: its documents in the order they were inserted, found by `_id`. */
export class Collection {
  readonly name: string;
  readonly uuid = new UUID();
  readonly indexes: Index[] = [{ name: '_id_', key: { _id: 1 } }];
  readonly #documents = new Map<string, StoredDocument>();
  #byId: StoredDocument[] | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get count(): number {
    return this.#documents.size;
  }

  /** The sum of the documents' BSON sizes, in bytes. */
  get bytes(): number {
    return this.all().reduce((sum, document) => sum + document.raw.length, 0);
  }

  all(): StoredDocument[] {
    return [...this.#documents.values()];
  }

  /** All documents in the order of `_id`; kept until the next write, for readers that page by it. */
  allById(): readonly StoredDocument[] {
    this.#byId ??= sortDocuments(this.all(), { _id: 1 });
    return this.#byId;
  }

  /** Adds a document; 11000 when the `_id` is there, 53 when it is of a type an id cannot have. */
  insert(document: StoredDocument, namespace: string): void {
    const id = document.id;
    const alias = typeAlias(id);
    if (alias === 'array' || alias === 'regex' || id === undefined) {
      throw new CommandError(53, `The '_id' value cannot be of type ${alias}`);
    }
    const key = equalityKey(id);
    if (this.#documents.has(key)) {
      const shown = id instanceof ObjectId ? `ObjectId('${id.toHexString()}')` : JSON.stringify(id);
      const text = `E11000 duplicate key error collection: ${namespace} index: _id_ dup key: { _id: ${shown} }`;
      throw new CommandError(11000, text);
    }
    this.#documents.set(key, document);
    this.#byId = undefined;
  }

  /** Puts a document in the place of one with the same `_id`. */
  replace(document: StoredDocument): void {
    this.#documents.set(equalityKey(document.id), document);
    this.#byId = undefined;
  }

  delete(document: StoredDocument): void {
    this.#documents.delete(equalityKey(document.id));
    this.#byId = undefined;
  }

  /** The index a hint names, by name or by key; throws 2 when there is none, as the server does. */
  hinted(hint: unknown): Index {
    const found = this.indexes.find(({ name, key }) =>
      isPlainObject(hint) ? compareValues(asDoubles(key), asDoubles(hint)) === 0 : name === hint,
    );
    if (!found) {
      throw new CommandError(
        2,
        'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
      );
    }
    return found;
  }

  addIndex(index: Index): void {
    this.indexes.push(index);
  }
}

function asDoubles(key: PlainObject): PlainObject {
  return Object.fromEntries(
    Object.entries(key).map(([name, value]) => [name, typeof value === 'string' ? value : toNumber(value)]),
  );
}

/** The databases of one server; a database is there while it has a collection. */
export class Storage {
  readonly #databases = new Map<string, Map<string, Collection>>();

  databaseNames(): string[] {
    return [...this.#databases].filter(([, collections]) => collections.size > 0).map(([name]) => name);
  }

  collections(database: string): Collection[] {
    return [...(this.#databases.get(database)?.values() ?? [])];
  }

  find(database: string, name: string): Collection | undefined {
    return this.#databases.get(database)?.get(name);
  }

  findOrCreate(database: string, name: string): Collection {
    return this.find(database, name) ?? this.create(database, name);
  }

  create(database: string, name: string): Collection {
    if (name === '' || name.startsWith('.') || name.includes('$') || name.includes('\0')) {
      throw new CommandError(73, `Invalid namespace specified '${database}.${name}'`);
    }
    if (name.startsWith('system.')) throw notImplemented(`the system collection ${name}`);
    const collections = this.#databases.get(database) ?? new Map<string, Collection>();
    const collection = new Collection(name);
    collections.set(name, collection);
    this.#databases.set(database, collections);
    return collection;
  }

  drop(database: string, name: string): boolean {
    return this.#databases.get(database)?.delete(name) ?? false;
  }

  dropDatabase(database: string): boolean {
    return this.#databases.delete(database);
  }
}

/** As the server stores it: `_id` first, and given one if it has none. */
export function withIdFirst(raw: Uint8Array, newId: () => Uint8Array): StoredDocument {
  const elements = elementsOf(raw);
  const position = elements.findIndex(({ name }) => name === '_id');
  if (position === 0) return new StoredDocument(raw);
  const id = position < 0 ? elementsOf(newId()) : elements.splice(position, 1);
  const document = new StoredDocument(joinElements([...id, ...elements]));
  if (document.id === MISSING) throw new Error('a document was given no _id');
  return document;
}
