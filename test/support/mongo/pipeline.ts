import { deserialize, type Document } from 'bson';
import { aggregate } from 'mingo';
import { StoredDocument, toBson } from './documents.js';
import { CommandError, notImplemented } from './errors.js';
import { compileFilter } from './filter.js';
import { compileProjection } from './projection.js';
import { sortDocuments } from './sort.js';
import type { Collection } from './storage.js';
import { entriesOf, isNumber, isPlainObject, type PlainObject, toNumber } from './values.js';

/** What a pipeline reads from. */
export interface PipelineSource {
  namespace: string;
  collection: Collection | undefined;
  /** Another collection of the same database, for `$lookup`. */
  resolve(name: string): Collection | undefined;
}

type Stage = [name: string, argument: unknown];

/**
 * Runs an aggregation. `$match`, `$sort`, `$skip`, `$limit`, `$count`, plain `$project`/`$unset` and
 * counting groups are done here on BSON, with the server's types and order; the first stage of any other kind hands
 * over to mingo for the rest, and from there on numbers are JavaScript's.
 */
export function runPipeline(source: PipelineSource, pipeline: unknown): Uint8Array[] {
  if (!Array.isArray(pipeline)) throw new CommandError(14, `'pipeline' must be an array`);
  const stages = pipeline.map(readStage);
  for (const [name] of stages) refuseStage(name);
  if (stages[0]?.[0] === '$collStats') return runCollStats(source, stages);
  let documents: readonly StoredDocument[] = source.collection?.all() ?? [];
  for (const [index, stage] of stages.entries()) {
    const next = runStage(documents, stage);
    if (!next) return runMingo(source, documents, stages.slice(index));
    documents = next;
  }
  return documents.map(({ raw }) => raw);
}

function readStage(stage: unknown): Stage {
  const entry = isPlainObject(stage) && Object.keys(stage).length === 1 ? entriesOf(stage)[0] : undefined;
  if (!entry)
    throw new CommandError(40323, 'A pipeline stage specification object must contain exactly one field.');
  return entry;
}

function refuseStage(name: string): void {
  switch (name) {
    case '$changeStream':
      throw new CommandError(40573, 'The $changeStream stage is only supported on replica sets');
    case '$indexStats':
    case '$out':
    case '$merge':
    case '$geoNear':
    case '$search':
    case '$currentOp':
    case '$listSessions':
    case '$planCacheStats':
    case '$listLocalSessions':
      throw notImplemented(`the aggregation stage ${name}`);
    default:
  }
}

/** Runs a stage on BSON; null when it is one for mingo. */
function runStage(
  documents: readonly StoredDocument[],
  [name, argument]: Stage,
): readonly StoredDocument[] | null {
  switch (name) {
    case '$match':
      return documents.filter(compileFilter(objectOf(name, argument)));
    case '$sort':
      return sortDocuments(documents, objectOf(name, argument));
    case '$skip':
      return documents.slice(countOf(name, argument));
    case '$limit':
      return documents.slice(0, countOf(name, argument));
    case '$count':
      return documents.length === 0 ? [] : [StoredDocument.of({ [String(argument)]: documents.length })];
    case '$project':
      return projectPlainly(documents, objectOf(name, argument));
    case '$group':
      return groupAll(documents, objectOf(name, argument));
    default:
      return null;
  }
}

function projectPlainly(documents: readonly StoredDocument[], spec: PlainObject): StoredDocument[] | null {
  const isPlain = entriesOf(spec).every(([, value]) => isNumber(value) || typeof value === 'boolean');
  if (!isPlain) return null;
  const project = compileProjection(spec);
  return documents.map((document) => new StoredDocument(project(document)));
}

/** `{_id: null or a constant, n: {$sum: constant}}`, which is how the driver counts documents. */
function groupAll(documents: readonly StoredDocument[], spec: PlainObject): StoredDocument[] | null {
  const { _id: id, ...accumulators } = spec;
  const isConstant = (value: unknown): boolean => value === null || isNumber(value);
  const sums = entriesOf(accumulators).map(([name, accumulator]): [string, unknown] => [
    name,
    isPlainObject(accumulator) ? accumulator.$sum : undefined,
  ]);
  if (!isConstant(id) || !sums.every(([, value]) => isNumber(value))) return null;
  if (documents.length === 0) return [];
  const fields = sums.map(([name, value]) => [name, toNumber(value) * documents.length]);
  return [StoredDocument.of({ _id: id, ...(Object.fromEntries(fields) as Document) })];
}

function runMingo(
  source: PipelineSource,
  documents: readonly StoredDocument[],
  stages: Stage[],
): Uint8Array[] {
  const pipeline = stages.map(([name, argument]) => deserialize(toBson({ [name]: argument })));
  const read = (name: string): Document[] =>
    source
      .resolve(name)
      ?.all()
      .map((document) => document.promoted()) ?? [];
  try {
    const results = aggregate(
      documents.map((document) => document.promoted()),
      pipeline,
      { collectionResolver: read },
    );
    return results.map((result) => toBson(result));
  } catch (error) {
    // mingo throws for what it does not know or does not accept; the server would answer, not die.
    throw new CommandError(
      2,
      `the stand-in's aggregation failed: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function runCollStats({ namespace, collection }: PipelineSource, stages: Stage[]): Uint8Array[] {
  if (!collection) throw new CommandError(26, `Collection [${namespace}] not found.`);
  const stats = StoredDocument.of({
    ns: namespace,
    localTime: new Date(),
    count: collection.count,
    storageStats: {
      size: collection.bytes,
      count: collection.count,
      storageSize: collection.bytes,
      nindexes: collection.indexes.length,
    },
  });
  let documents: readonly StoredDocument[] = [stats];
  for (const stage of stages.slice(1)) {
    const next = runStage(documents, stage);
    if (!next) return runMingo({ namespace, collection, resolve: () => undefined }, documents, [stage]);
    documents = next;
  }
  return documents.map(({ raw }) => raw);
}

function objectOf(name: string, argument: unknown): PlainObject {
  if (!isPlainObject(argument)) throw new CommandError(15959, `the ${name} stage needs an object`);
  return argument;
}

function countOf(name: string, argument: unknown): number {
  if (!isNumber(argument) || toNumber(argument) < 0)
    throw new CommandError(15957, `the ${name} stage needs a count`);
  return toNumber(argument);
}
