import { tableOf } from '../../database/model/table-model.js';
import { streamTable } from '../../database/row-stream.js';
import type { OpenDatabase } from '../../database/data-source.js';
import type { ColumnModel } from '../../database/model/table-model.js';
import type { LogicalRow } from '../../database/dialect.js';
import { createMapper, type MappedDocument, type Mapper } from '../mapper.js';
import type { Mapping } from '../mapping.js';
import type { ImportSource } from '../sources/source.js';
import { Comparison, type Difference } from './comparison.js';
import { type DanglingReference, danglingReferences } from './loose-references.js';
import { rangeOf, Ranges } from './ranges.js';
import { RowContent } from './row-content.js';

/** What a collection is at the source and in the database. */
export interface VerifyResult {
  collection: string;
  table: string;
  /** Documents at the source. */
  read: number;
  /** Of them those that can be no rows: a rule of dbtool or a key of the database refuses them. */
  unfit: number;
  /** Documents in the database. */
  stored: number;
  /** At the source, fit, and not in the database. */
  missing: number;
  /** In the database with other content than at the source. */
  different: number;
  /** In the database and not at the source. */
  extra: number;
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
  onProgress: (documents: number) => void;
}

/** Most documents that are compared one by one; their ids are kept in memory. */
const EXAMINED = 200_000;
const BATCH = 500;

/**
 * Compares a collection with its rows: first range by range, by sums of hashes over all columns, then, in the
 * ranges that differ, document by document and column by column. Reads only.
 */
export class CollectionVerifier {
  private readonly contents: RowContent[];
  private readonly children: { field: string; parent: string }[];
  private map: Mapper | undefined;
  private where: { column: ColumnModel; value: LogicalRow[string] } | undefined;

  constructor(
    private readonly mapping: Mapping,
    private readonly source: ImportSource,
    private readonly database: OpenDatabase,
    private readonly options: VerifyOptions,
  ) {
    const entities = [mapping.entity, ...(mapping.children ?? []).map(({ entity }) => entity)];
    this.contents = entities.map((entity) => new RowContent(tableOf(entity), database.dialect));
    this.children = [...(mapping.children ?? [])];
  }

  /** @throws DbtoolError `import.source.*`, `database.*`, the signal's reason */
  async run(): Promise<VerifyResult> {
    const started = performance.now();
    await this.prepare();
    const there = new Ranges();
    const read = await this.readSource(there);
    const here = new Ranges();
    const stored = await this.readTables(here);
    const result: VerifyResult = {
      collection: this.mapping.collection,
      table: tableOf(this.mapping.entity).name,
      ...read,
      stored,
      ...{ missing: 0, different: 0, extra: 0, unexamined: 0 },
      differences: [],
      dangling: await danglingReferences(this.database, this.mapping),
      durationMs: 0,
    };
    const differing = there.differing(here);
    if (differing.length > 0) await this.examine(differing, there, here, result);
    result.durationMs = Math.round(performance.now() - started);
    return result;
  }

  private async prepare(): Promise<void> {
    const { collection, fixed, entity } = this.mapping;
    const constants = (await fixed?.(collection, this.database)) ?? {};
    this.map = createMapper(this.mapping, constants);
    // Several collections share a table: its rows are told apart by what is the same in all of one's rows.
    const [only] = Object.entries(constants);
    const column = tableOf(entity).columns.find(({ property }) => property === only?.[0]);
    this.where = column && only && { column, value: only[1] };
  }

  private async *documents(): AsyncGenerator<MappedDocument | undefined> {
    const { map } = this;
    if (!map) throw new Error('run() prepares the mapper');
    for await (const read of this.source.read({ collection: this.mapping.collection })) {
      this.options.signal.throwIfAborted();
      const mapped = 'document' in read ? map(read.document, () => undefined) : undefined;
      yield mapped && 'mapped' in mapped ? mapped.mapped : undefined;
    }
  }

  private async readSource(ranges: Ranges): Promise<{ read: number; unfit: number }> {
    let read = 0;
    let unfit = 0;
    for await (const mapped of this.documents()) {
      read += 1;
      this.options.onProgress(read);
      if (!mapped) {
        unfit += 1;
        continue;
      }
      const range = rangeOf(String(mapped.row['id']));
      const [own, ...others] = this.contents;
      if (own) ranges.add(range, own.text(mapped.row, true), true);
      others.forEach((content, index) => {
        for (const row of mapped.children[index]?.rows ?? [])
          ranges.add(range, content.text(row, true), false);
      });
    }
    return { read, unfit };
  }

  /** @returns how many documents are stored */
  private async readTables(ranges: Ranges): Promise<number> {
    let stored = 0;
    for (const [index, content] of this.contents.entries()) {
      const id = index === 0 ? 'id' : (this.children[index - 1]?.parent ?? '');
      const where = index === 0 ? this.where : undefined;
      for await (const row of streamTable(this.database, content.table, this.options.signal, where)) {
        ranges.add(rangeOf(String(row[id])), content.text(row, false), index === 0);
        if (index === 0) stored += 1;
      }
    }
    return stored;
  }

  /** Documents of ranges that differ are compared with their rows, as many as there is memory for. */
  private async examine(
    differing: readonly number[],
    there: Ranges,
    here: Ranges,
    result: VerifyResult,
  ): Promise<void> {
    const chosen = new Set<number>();
    let documents = 0;
    for (const range of differing) {
      const size = there.count(range) + here.count(range);
      if (chosen.size > 0 && documents + size > EXAMINED) result.unexamined += size;
      else {
        chosen.add(range);
        documents += size;
      }
    }
    const comparison = new Comparison(this.database, this.contents, this.children, this.options.limit);
    const isChosen = (id: unknown): boolean => chosen.has(rangeOf(String(id)));
    let batch: MappedDocument[] = [];
    for await (const mapped of this.documents()) {
      if (!mapped || !isChosen(mapped.row['id'])) continue;
      batch.push(mapped);
      if (batch.length < BATCH) continue;
      await comparison.compare(batch);
      batch = [];
    }
    await comparison.compare(batch);
    const [own] = this.contents;
    if (own) {
      for await (const row of streamTable(this.database, own.table, this.options.signal, this.where))
        if (isChosen(row['id'])) comparison.noteStored(row);
    }
    Object.assign(result, comparison.counts());
    result.unfit += comparison.refused;
    result.differences = comparison.differences;
    // The hashes say that something differs: that no document does must not pass for equal.
    const { missing, different, extra, unexamined } = result;
    const found = missing + different + extra + unexamined;
    const sizes = [there, here].map((ranges) =>
      [...chosen].reduce((sum, range) => sum + ranges.count(range), 0),
    );
    const isExplained = comparison.refused > 0 && (sizes[0] ?? 0) - comparison.refused === sizes[1];
    if (found === 0 && !isExplained) result.unexamined = Math.max(1, documents);
  }
}
