import { ObjectId } from 'bson';
import { checkFields, collectionName, type Context, type Handler, namespaceOf } from './commands.js';
import { objectOption } from './commands-read.js';
import { StoredDocument, toBson } from './documents.js';
import { CommandError, notImplemented } from './errors.js';
import { compileFilter } from './filter.js';
import { sortDocuments } from './sort.js';
import { type Collection, withIdFirst } from './storage.js';
import { applyUpdate, seedOfUpsert } from './update.js';
import { isPlainObject, optionNumber, type PlainObject } from './values.js';

const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

interface WriteError {
  index: number;
  code: number;
  errmsg: string;
}

/** Runs the statements of a write; an ordered one ends at its first error, as on the server. */
function eachStatement(context: Context, total: number, run: (index: number) => void): WriteError[] {
  const errors: WriteError[] = [];
  for (let index = 0; index < total; index++) {
    try {
      run(index);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      errors.push({ index, code: error.code, errmsg: error.message });
      if (context.body.ordered !== false) break;
    }
  }
  return errors;
}

function withErrors(reply: PlainObject, errors: WriteError[]): PlainObject {
  return errors.length > 0 ? { ...reply, writeErrors: errors, ok: 1 } : { ...reply, ok: 1 };
}

function checkSize(raw: Uint8Array): void {
  if (raw.length > MAX_DOCUMENT_BYTES) {
    throw new CommandError(
      10334,
      `BSONObj size: ${raw.length} is invalid. Size must be between 0 and ${MAX_DOCUMENT_BYTES}`,
    );
  }
}

const insert: Handler = (context) => {
  checkFields(context, 'documents ordered bypassDocumentValidation');
  const name = collectionName(context);
  const documents = context.request.rawDocuments('documents');
  if (documents.length === 0)
    throw new CommandError(16, 'Write batch sizes must be between 1 and 100000. Got 0 operations.');
  const collection = context.server.storage.findOrCreate(context.database, name);
  let inserted = 0;
  const errors = eachStatement(context, documents.length, (index) => {
    const raw = documents[index] ?? new Uint8Array();
    checkSize(raw);
    // Copied, or one small document would keep the whole message it came in.
    const document = withIdFirst(Uint8Array.from(raw), () => toBson({ _id: new ObjectId() }));
    collection.insert(document, namespaceOf(context, name));
    inserted += 1;
  });
  return withErrors({ n: inserted }, errors);
};

/** The documents a statement is about, in natural order or its own. */
function targets(
  collection: Collection | undefined,
  filter: PlainObject,
  statement: PlainObject,
): StoredDocument[] {
  const found = (collection?.all() ?? []).filter(compileFilter(filter));
  return isPlainObject(statement.sort) ? sortDocuments(found, statement.sort) : found;
}

function statementsOf(context: Context, name: string): PlainObject[] {
  return context.request.rawDocuments(name).map((raw) => new StoredDocument(raw).faithful());
}

function checkStatement(statement: PlainObject, known: string): void {
  for (const field of Object.keys(statement)) {
    if (!known.split(' ').includes(field)) {
      throw notImplemented(`writes with ${field}`);
    }
  }
}

const update: Handler = (context) => {
  checkFields(context, 'updates ordered bypassDocumentValidation');
  const name = collectionName(context);
  const statements = statementsOf(context, 'updates');
  const upserted: PlainObject[] = [];
  let [matched, changed] = [0, 0];
  const errors = eachStatement(context, statements.length, (index) => {
    const statement = statements[index] ?? {};
    checkStatement(statement, 'q u multi upsert hint sort');
    // Refused whether or not a document matches: a test must not pass by luck.
    if (!isPlainObject(statement.u)) throw notImplemented('updates by a pipeline');
    const filter = objectOption(statement, 'q');
    const collection = context.server.storage.find(context.database, name);
    const found = targets(collection, filter, statement);
    if (found.length === 0 && statement.upsert === true) {
      const document = withIdFirst(applyUpdate(seedOfUpsert(filter), statement.u, true).raw, () =>
        toBson({ _id: new ObjectId() }),
      );
      context.server.storage
        .findOrCreate(context.database, name)
        .insert(document, namespaceOf(context, name));
      upserted.push({ index, _id: document.id });
      matched += 1;
    }
    for (const document of statement.multi === true ? found : found.slice(0, 1)) {
      const result = applyUpdate(document, statement.u);
      checkSize(result.raw);
      matched += 1;
      if (Buffer.compare(result.raw, document.raw) === 0) continue;
      changed += 1;
      collection?.replace(result);
    }
  });
  return withErrors({ n: matched, nModified: changed, ...(upserted.length > 0 ? { upserted } : {}) }, errors);
};

const deleteCommand: Handler = (context) => {
  checkFields(context, 'deletes ordered');
  const collection = context.server.storage.find(context.database, collectionName(context));
  const statements = statementsOf(context, 'deletes');
  let deleted = 0;
  const errors = eachStatement(context, statements.length, (index) => {
    const statement = statements[index] ?? {};
    checkStatement(statement, 'q limit hint');
    const found = targets(collection, objectOption(statement, 'q'), statement);
    for (const document of optionNumber(statement.limit, 0) === 1 ? found.slice(0, 1) : found) {
      collection?.delete(document);
      deleted += 1;
    }
  });
  return withErrors({ n: deleted }, errors);
};

export const WRITE_COMMANDS: Record<string, Handler> = { insert, update, delete: deleteCommand };
