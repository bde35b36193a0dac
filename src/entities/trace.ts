import { Column, Table } from '../database/model/decorators.js';
import { double, instant, json, money, string } from '../database/model/logical-type.js';
import { Imported } from './bases.js';

/** One request through the platform. Its steps are spans. */
@Table('traces', {
  indexes: [
    ['startTime', 'id'],
    ['type', 'startTime'],
    ['status', 'startTime'],
    ['featureSystemName', 'startTime'],
    ['userId', 'startTime'],
  ],
})
export class Trace extends Imported {
  @Column(string(255), { nullable: true })
  name!: string | null;

  /** Kind of feature: `prompt-template`, `rag-tool`, `agent`, … */
  @Column(string(100), { nullable: true })
  type!: string | null;

  /** `success`, `error` or `running`. */
  @Column(string(50), { nullable: true })
  status!: string | null;

  /** `production`, `preview`, … */
  @Column(string(255), { nullable: true })
  channel!: string | null;

  @Column(string(255), { nullable: true })
  source!: string | null;

  @Column(string(255), { nullable: true })
  userId!: string | null;

  /** System name of the feature that was used, where reports look for it. */
  @Column(string(255), { nullable: true })
  featureSystemName!: string | null;

  @Column(instant())
  startTime!: Date;

  @Column(instant(), { nullable: true })
  endTime!: Date | null;

  /** Milliseconds from the first start to the last end, idle time included. */
  @Column(double(), { nullable: true })
  latency!: number | null;

  /** `cost_details.total`: the sum over the trace's spans. */
  @Column(money(), { nullable: true })
  costTotal!: string | null;

  /** `{chat, embed, rerank, total}` */
  @Column(json(), { nullable: true })
  costDetails!: Record<string, unknown> | null;

  @Column(json(), { nullable: true })
  extraData!: unknown;
}
