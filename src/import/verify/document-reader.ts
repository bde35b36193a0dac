import type { MappedDocument, Mapper } from '../mapper.js';
import type { Mapping } from '../mapping.js';
import { derivedIdOf, ownIdOf, sourceIdOf } from '../source-id.js';
import { idOf } from '../sources/bson-file.js';
import type { ImportSource, ReadRequest, SourceDocument } from '../sources/source.js';
import { type Reason, reasonsOf, undecodable } from '../reason.js';

/** A document that an import would reject. */
export interface UnfitDocument {
  /** The id of the row that it would be; undefined where it has none. */
  id: string | undefined;
  /** Its `_id` as text. */
  sourceId: string | null;
  reasons: Reason[];
}

/** A document as the rows that an import would write, or why it would not. */
export type ReadDocument = { mapped: MappedDocument } | { unfit: UnfitDocument };

/** Reads documents of one collection as an import does. */
export class DocumentReader {
  constructor(
    private readonly mapping: Mapping,
    private readonly source: ImportSource,
    private readonly map: Mapper,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * @param selection which documents are wanted; all when absent
   * @throws DbtoolError `import.source.*`, the signal's reason
   */
  async *read(selection: Omit<ReadRequest, 'collection'> = {}): AsyncGenerator<ReadDocument> {
    for await (const read of this.source.read({ ...selection, collection: this.mapping.collection })) {
      this.signal.throwIfAborted();
      yield this.understood(read);
    }
  }

  private understood(read: SourceDocument): ReadDocument {
    if (!('document' in read)) {
      return { unfit: this.unfit(idOf(read.bytes), [undecodable(read.unreadable)]) };
    }
    const result = this.map(read.document, () => undefined);
    return 'mapped' in result
      ? result
      : { unfit: this.unfit(read.document['_id'], reasonsOf(result.problems)) };
  }

  private unfit(_id: unknown, reasons: Reason[]): UnfitDocument {
    if (_id === undefined) return { id: undefined, sourceId: null, reasons };
    const { collection, id } = this.mapping;
    return {
      id: id === 'own' ? ownIdOf(_id) : derivedIdOf(collection, _id),
      sourceId: sourceIdOf(_id),
      reasons,
    };
  }
}
