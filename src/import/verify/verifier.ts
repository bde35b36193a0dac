import type { OpenDatabase } from '../../database/data-source.js';
import type { LogicalRow } from '../../database/dialect.js';
import { type ColumnModel, tableOf } from '../../database/model/table-model.js';
import { streamTable } from '../../database/row-stream.js';
import { withinCalendar } from '../calendar-limits.js';
import { createMapper } from '../mapper.js';
import type { Mapping } from '../mapping.js';
import { type ImportSource, LIVE, type ReadRequest } from '../sources/source.js';
import { Comparison, type Difference } from './comparison.js';
import { DocumentReader, type ReadDocument } from './document-reader.js';
import { type DanglingReference, danglingReferences } from './loose-references.js';
import { rangeOf, Ranges } from './ranges.js';
import { isMarked, RowContent } from './row-content.js';
import { type UnfitGroup, UnfitReasons } from './unfit-reasons.js';

/** What a collection is at the source and in the database. */
export interface VerifyResult {
  collection: string;
  table: string;
  /** Only documents of this range were compared; null where it has no such end. */
  since: Date | null;
  until: Date | null;
  /** Documents at the source. */
  read: number;
  /** Of them those that can be no rows: a rule of dbtool or a key of the database refuses them. */
  unfit: number;
  /** Why, the commonest reason first; a document that has several counts in each. */
  unfitReasons: UnfitGroup[];
  /** Documents in the database; with a range, those of the documents that were read. */
  stored: number;
  /** Rows beside these that are marked as gone at the source; null with a range, where these are not looked for. */
  marked: number | null;
  /** At the source, fit, and not in the database. */
  missing: number;
  /** In the database with other content than at the source. */
  different: number;
  /** In the database as they were before they ceased to fit. */
  outdated: number;
  /** In the database, not marked, and not at the source; null with a range, where these are not looked for. */
  extra: number | null;
  /** What differed at first, and no longer when it was read again from a live source. */
  settled: number;
  /**
   * Documents in ranges that differ, beyond those that were looked at one by one; or, where no document
   * was found that does, those of two that share an id, or rows of lists that belong to no document.
   */
  unexamined: number;
  /** The first ones. */
  differences: Difference[];
  dangling: DanglingReference[];
  durationMs: number;
}

export interface VerifyOptions {
  /** Most differences that are told of a collection; all are counted. */
  limit: number;
  signal: AbortSignal;
  /** Only documents whose date lies in this range, and those without a date. */
  since?: Date;
  until?: Date;
  /** How many documents the source has, if that is known. */
  documents?: number;
  /** Called when a stretch of work begins: what it is, and how many documents or rows, if that is known. */
  onStage: (what: string, total: number | undefined) => Promise<void>;
  /** Called with the number of documents or rows of this stretch so far. */
  onProgress: (count: number) => void;
}

/** Most documents that are compared one by one; their ids are kept in memory. */
const EXAMINED = 200_000;

/**
 * Compares a collection with its rows: first range by range, by sums of hashes over all columns, then, in the
 * ranges that differ, document by document and column by column. Where only documents of some dates are wanted,
 * these are compared one by one from the beginning, for no table tells the date of a document. Reads only.
 */
export class CollectionVerifier {
  private readonly contents: [RowContent, ...RowContent[]];
  private readonly children: { field: string; parent: string }[];
  private readonly result: VerifyResult;
  private readonly reasons = new UnfitReasons();
  /** Whether documents may change while they are compared. Of all sources only servers are named like this. */
  private isLive = false;
  /** Documents without a row, since a key of the database keeps them out. */
  private refused = 0;

  constructor(
    private readonly mapping: Mapping,
    private readonly source: ImportSource,
    private readonly database: OpenDatabase,
    private readonly options: VerifyOptions,
  ) {
    const contentOf = ({ entity }: Pick<Mapping, 'entity'>): RowContent =>
      new RowContent(tableOf(entity), database.dialect);
    this.children = [...(mapping.children ?? [])];
    this.contents = [contentOf(mapping), ...(mapping.children ?? []).map(contentOf)];
    const { since = null, until = null } = options;
    this.result = {
      collection: mapping.collection,
      table: tableOf(mapping.entity).name,
      ...{ since, until, read: 0, unfit: 0, unfitReasons: [], stored: 0, marked: 0 },
      ...{ missing: 0, different: 0, outdated: 0, extra: 0, settled: 0, unexamined: 0 },
      ...{ differences: [], dangling: [], durationMs: 0 },
    };
  }

  /** @throws DbtoolError `import.source.*`, `database.*`, the signal's reason */
  async run(): Promise<VerifyResult> {
    const started = performance.now();
    const { collection, fixed, entity } = this.mapping;
    this.isLive = (await this.source.fingerprint(collection)) === LIVE;
    const constants = (await fixed?.(collection, this.database)) ?? {};
    const map = withinCalendar(
      createMapper(this.mapping, constants),
      this.mapping,
      this.database.dialect.firstYear,
    );
    const reader = new DocumentReader(this.mapping, this.source, map, this.options.signal);
    if (this.result.since ?? this.result.until) await this.compareRange(reader);
    else {
      // Several collections share a table: its rows are told apart by what is the same in all of one's rows.
      const [only] = Object.entries(constants);
      const column = tableOf(entity).columns.find(({ property }) => property === only?.[0]);
      await this.compareAll(reader, column && only && { column, value: only[1] });
    }
    this.result.dangling = await danglingReferences(this.database, this.mapping);
    this.result.unfitReasons = this.reasons.groups();
    this.result.durationMs = Math.round(performance.now() - started);
    return this.result;
  }

  private async compareRange(reader: DocumentReader): Promise<void> {
    const { since, until } = this.options;
    const cursors = this.mapping.cursor;
    const comparison = this.comparison(false);
    await this.options.onStage('comparing', undefined);
    const request = { since: since && { cursors, from: since }, until, cursors };
    await comparison.compare(this.counted(reader, request));
    this.result.stored = comparison.stored;
    await this.recheck(comparison, reader);
    this.take(comparison);
    this.result.extra = null;
    this.result.marked = null;
  }

  private async compareAll(reader: DocumentReader, where: RowsOfOne | undefined): Promise<void> {
    const there = new Ranges();
    await this.options.onStage('reading the source', this.options.documents);
    for await (const read of this.counted(reader)) this.addDocument(there, read);
    const here = new Ranges();
    this.result.stored = await this.addTables(here, where);
    const differing = there.differing(here);
    if (differing.length === 0) return;
    const chosen = this.choose(differing, there, here);
    const comparison = await this.examine(chosen, reader, where);
    await this.recheck(comparison, reader);
    this.take(comparison);
    await this.explain(chosen, { there, here }, reader, where);
  }

  /** All documents of a reading; how many they are, and which do not fit, goes to the result. */
  private async *counted(
    reader: DocumentReader,
    selection?: Omit<ReadRequest, 'collection'>,
  ): AsyncGenerator<ReadDocument> {
    for await (const read of reader.read(selection)) {
      this.result.read += 1;
      this.options.onProgress(this.result.read);
      if ('unfit' in read) {
        this.result.unfit += 1;
        this.reasons.add(read.unfit.sourceId, read.unfit.reasons);
      }
      yield read;
    }
  }

  private addDocument(ranges: Ranges, read: ReadDocument): void {
    if ('unfit' in read) return;
    const { row, children } = read.mapped;
    const range = rangeOf(String(row['id']));
    const [own, ...others] = this.contents;
    ranges.add(range, own.text(row, true), true);
    others.forEach((content, index) => {
      for (const child of children[index]?.rows ?? []) ranges.add(range, content.text(child, true), false);
    });
  }

  /**
   * What is marked as gone at the source is left out, with what hangs on it.
   * @returns how many documents are stored
   */
  private async addTables(ranges: Ranges, where: RowsOfOne | undefined): Promise<number> {
    const { signal, onStage, onProgress } = this.options;
    let stored = 0;
    const marked = new Set<string>();
    for (const [index, content] of this.contents.entries()) {
      const id = index === 0 ? 'id' : (this.children[index - 1]?.parent ?? '');
      let rows = 0;
      await onStage(`reading the table ${content.table.name}`, undefined);
      for await (const row of streamTable(
        this.database,
        content.table,
        signal,
        index === 0 ? where : undefined,
      )) {
        onProgress(++rows);
        const document = String(row[id]);
        if (index === 0 && isMarked(row)) marked.add(document);
        if (!marked.has(document)) ranges.add(rangeOf(document), content.text(row, false), index === 0);
      }
      if (index === 0) stored = rows - marked.size;
    }
    this.result.marked = marked.size;
    return stored;
  }

  /** Ranges of as many documents as there is memory for; what is in the others stays unexamined. */
  private choose(differing: readonly number[], there: Ranges, here: Ranges): ReadonlySet<number> {
    const chosen = new Set<number>();
    let documents = 0;
    for (const range of differing) {
      const size = there.count(range) + here.count(range);
      if (chosen.size > 0 && documents + size > EXAMINED) this.result.unexamined += size;
      else {
        chosen.add(range);
        documents += size;
      }
    }
    return chosen;
  }

  /** Compares the documents of ranges that differ with their rows. */
  private async examine(
    chosen: ReadonlySet<number>,
    reader: DocumentReader,
    where: RowsOfOne | undefined,
  ): Promise<Comparison> {
    const { signal, onStage, onProgress } = this.options;
    const comparison = this.comparison(true);
    await onStage('reading the source again for what differs', this.result.read);
    await comparison.compare(inRanges(chosen, reader.read(), onProgress));
    const { table } = this.contents[0];
    await onStage(`reading the table ${table.name} again for what is only there`, this.result.stored);
    let rows = 0;
    for await (const row of streamTable(this.database, table, signal, where)) {
      onProgress(++rows);
      if (chosen.has(rangeOf(String(row['id'])))) comparison.noteStored(row);
    }
    return comparison;
  }

  private comparison(findsExtra: boolean): Comparison {
    const { limit } = this.options;
    return new Comparison(this.database, this.contents, this.children, {
      limit,
      examined: EXAMINED,
      findsExtra,
    });
  }

  /** What a live source or an import has changed since it was read must not be told as a difference. */
  private async recheck(comparison: Comparison, reader: DocumentReader): Promise<void> {
    if (!this.isLive) return;
    await this.options.onStage('reading once more what differs', undefined);
    let documents = 0;
    const { onProgress } = this.options;
    async function* readAgain(ids: readonly unknown[]): AsyncGenerator<ReadDocument> {
      for await (const read of reader.read({ where: { _id: { $in: ids } } })) {
        onProgress(++documents);
        yield read;
      }
    }
    this.result.settled = await comparison.recheck(readAgain);
  }

  private take(comparison: Comparison): void {
    for (const kind of ['missing', 'different', 'outdated', 'extra'] as const)
      this.result[kind] = comparison.count(kind);
    this.result.unexamined += comparison.unexamined;
    this.result.differences = comparison.differences;
    for (const { sourceId, reason } of comparison.refusals) {
      this.result.unfit += 1;
      this.reasons.add(sourceId, [reason]);
    }
    this.refused = comparison.count('refused');
  }

  /** The hashes say that something differs: that no document does must not pass for equal. */
  private async explain(
    chosen: ReadonlySet<number>,
    { there, here }: { there: Ranges; here: Ranges },
    reader: DocumentReader,
    where: RowsOfOne | undefined,
  ): Promise<void> {
    const { missing, different, outdated, extra, unexamined } = this.result;
    if (missing + different + outdated + (extra ?? 0) + unexamined > 0) return;
    const sizeOf = (ranges: Ranges): number =>
      [...chosen].reduce((sum, range) => sum + ranges.count(range), 0);
    if (this.refused > 0 && sizeOf(there) - this.refused === sizeOf(here)) return;
    if (this.isLive && !(await this.stillDiffer(chosen, reader, where))) return;
    this.result.unexamined = Math.max(1, sizeOf(there) + sizeOf(here));
  }

  /** Whether both sides, read once more, hold something else in one of these ranges. */
  private async stillDiffer(
    ranges: ReadonlySet<number>,
    reader: DocumentReader,
    where: RowsOfOne | undefined,
  ): Promise<boolean> {
    const there = new Ranges();
    await this.options.onStage('reading the source once more', this.result.read);
    let documents = 0;
    for await (const read of reader.read()) {
      this.options.onProgress(++documents);
      this.addDocument(there, read);
    }
    const here = new Ranges();
    const stored = await this.addTables(here, where);
    const stillDiffer = there.differing(here).some((range) => ranges.has(range));
    // What is told to be equal is what was found now.
    if (!stillDiffer) Object.assign(this.result, { read: documents, stored });
    return stillDiffer;
  }
}

/** The rows of one of the collections that share a table. */
interface RowsOfOne {
  column: ColumnModel;
  value: LogicalRow[string];
}

async function* inRanges(
  chosen: ReadonlySet<number>,
  documents: AsyncIterable<ReadDocument>,
  onProgress: (count: number) => void,
): AsyncGenerator<ReadDocument> {
  let read = 0;
  for await (const document of documents) {
    onProgress(++read);
    const id = 'mapped' in document ? String(document.mapped.row['id']) : document.unfit.id;
    if (id !== undefined && chosen.has(rangeOf(id))) yield document;
  }
}
