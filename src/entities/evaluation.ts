import { Column, Table } from '../database/model/decorators.js';
import { instant, json, string } from '../database/model/logical-type.js';
import { Imported } from './bases.js';

/** One run of test sets against a tool. */
@Table('evaluations', { indexes: [['startedAt']] })
export class Evaluation extends Imported {
  @Column(string(255), { nullable: true })
  jobId!: string | null;

  @Column(string(100), { nullable: true })
  type!: string | null;

  @Column(json(), { nullable: true })
  testSets!: unknown;

  @Column(instant(), { nullable: true })
  startedAt!: Date | null;

  @Column(instant(), { nullable: true })
  finishedAt!: Date | null;

  @Column(string(50), { nullable: true })
  status!: string | null;

  @Column(json(), { nullable: true })
  errors!: unknown;

  @Column(json(), { nullable: true })
  tool!: unknown;
}
