import { Column, Table } from '../database/model/decorators.js';
import { instant, integer, json, string, text } from '../database/model/logical-type.js';

/** How an import ended; one that is `running` without holding the lock was killed. */
export type ImportRunStatus = 'running' | 'completed' | 'stopped' | 'failed' | 'killed';

/** One call of `import mongo` or `import retry`: the import's history. */
@Table('import_runs', { indexes: [['startedAt']] })
export class ImportRun {
  @Column(string(36), { primary: true })
  id!: string;

  /** As in ImportCheckpoint. */
  @Column(string(500))
  source!: string;

  /** What was asked for: since, until, where, collections, deletes. */
  @Column(json())
  scope!: Record<string, unknown>;

  @Column(string(20))
  status!: ImportRunStatus;

  @Column(string(128))
  userName!: string;

  @Column(string(255))
  host!: string;

  @Column(integer())
  pid!: number;

  @Column(string(50))
  toolVersion!: string;

  @Column(instant())
  startedAt!: Date;

  /** When it last wrote something. */
  @Column(instant())
  updatedAt!: Date;

  @Column(instant(), { nullable: true })
  endedAt!: Date | null;

  @Column(integer())
  documentsRead!: number;

  /** Documents whose rows were written. */
  @Column(integer())
  documentsWritten!: number;

  /** Documents that are in already, as they are. */
  @Column(integer())
  documentsUnchanged!: number;

  @Column(integer())
  documentsRejected!: number;

  /** Rows whose document is gone at the source. */
  @Column(integer())
  documentsGone!: number;

  /** Null where nothing was rejected; before the end, and of a killed one, where rejects go if there are any. */
  @Column(string(1000), { nullable: true })
  rejectsFile!: string | null;

  @Column(string(100), { nullable: true })
  errorCode!: string | null;

  @Column(text(), { nullable: true })
  errorMessage!: string | null;

  /** What became of each collection; null until the end. */
  @Column(json(), { nullable: true })
  collections!: unknown;
}
