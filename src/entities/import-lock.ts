import { Column, Table } from '../database/model/decorators.js';
import { instant, integer, string } from '../database/model/logical-type.js';

/** The row of the import that is running: only one at a time may write. Read and written by src/lock. */
@Table('import_lock')
export class ImportLock {
  /** Always 1. */
  @Column(integer(), { primary: true })
  id!: number;

  @Column(string(100))
  token!: string;

  @Column(string(10))
  kind!: string;

  @Column(string(128))
  userName!: string;

  @Column(string(255))
  host!: string;

  @Column(integer())
  pid!: number;

  @Column(string(64), { nullable: true })
  sessionId!: string | null;

  @Column(instant())
  since!: Date;

  /** By the database's clock. */
  @Column(instant(), { nullable: true })
  expiresAt!: Date | null;

  @Column(string(50))
  toolVersion!: string;
}
