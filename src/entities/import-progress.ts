import { Column, Table } from '../database/model/decorators.js';
import { instant, integer, string, text } from '../database/model/logical-type.js';

/**
 * How far an import came that has not ended yet, or never did: where the next one of the same scope goes
 * on. Written in the transaction of the rows that it speaks of, and gone once the collection is through.
 */
@Table('import_progress')
export class ImportProgress {
  /** As in ImportCheckpoint. */
  @Column(string(500), { primary: true })
  source!: string;

  @Column(string(200), { primary: true })
  collection!: string;

  /** The import that wrote this. */
  @Column(string(36))
  runId!: string;

  /** Which documents were asked for, as JSON: only an import of the same goes on here. */
  @Column(text())
  scope!: string;

  /** The range that this came to when the import began. */
  @Column(instant(), { nullable: true })
  readFrom!: Date | null;

  @Column(instant(), { nullable: true })
  readUntil!: Date | null;

  /** What the source was when this was written: a position in another file means nothing. */
  @Column(string(255))
  fingerprint!: string;

  /** The last document that is in or rejected, in the source's own words. */
  @Column(string(2000))
  position!: string;

  /** Greatest cursor value so far. */
  @Column(instant(), { nullable: true })
  watermark!: Date | null;

  /** Least cursor value of a document that will still change. */
  @Column(instant(), { nullable: true })
  unfinishedSince!: Date | null;

  @Column(integer())
  documentsRead!: number;

  @Column(integer())
  documentsRejected!: number;

  /** When the first of the imports began that this is made of. */
  @Column(instant())
  startedAt!: Date;

  @Column(instant())
  updatedAt!: Date;
}
