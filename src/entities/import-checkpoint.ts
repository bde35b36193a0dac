import { Column, Table } from '../database/model/decorators.js';
import { instant, integer, string } from '../database/model/logical-type.js';

/** How far a collection of a source has been imported: what `--since last` goes on from. */
@Table('import_checkpoints')
export class ImportCheckpoint {
  /** The source without credentials, for example `mongodb://db1:27017/genai`. */
  @Column(string(500), { primary: true })
  source!: string;

  @Column(string(200), { primary: true })
  collection!: string;

  /** Greatest cursor value seen; null when no document had one. */
  @Column(instant(), { nullable: true })
  watermark!: Date | null;

  /** Of the last completed import. */
  @Column(integer())
  documents!: number;

  @Column(instant())
  completedAt!: Date;

  /** What the file was that was read, where it was a file and nothing in it is still to come. */
  @Column(string(255), { nullable: true })
  fingerprint!: string | null;
}
