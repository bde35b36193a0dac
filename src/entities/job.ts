import { Column, Table } from '../database/model/decorators.js';
import { instant, json, string } from '../database/model/logical-type.js';
import { Imported } from './bases.js';

/** A job of the scheduler's store. */
@Table('jobs', { indexes: [['status', 'nextRun']] })
export class Job extends Imported {
  @Column(string(255), { nullable: true })
  name!: string | null;

  /** `one_time_immediate`, `one_time_scheduled` or `recurring`. */
  @Column(string(50), { nullable: true })
  jobType!: string | null;

  /** `Configuration`, `Waiting`, `Started`, `Processing`, `Completed`, `Error`, `Canceled`. */
  @Column(string(50), { nullable: true })
  status!: string | null;

  @Column(json(), { nullable: true })
  definition!: unknown;

  @Column(string(100), { nullable: true })
  timezone!: string | null;

  @Column(instant(), { nullable: true })
  nextRun!: Date | null;

  @Column(instant(), { nullable: true })
  lastRun!: Date | null;

  @Column(instant(), { nullable: true })
  createdAt!: Date | null;

  @Column(instant(), { nullable: true })
  updatedAt!: Date | null;
}
