import { Column, Table } from '../database/model/decorators.js';
import { double, instant, json, money, string } from '../database/model/logical-type.js';
import { Imported } from './bases.js';

/**
 * One use of a feature. Its cost includes that of every feature below it: a sum across feature types
 * counts money twice. Metrics may outlive their trace, so there is no foreign key.
 */
@Table('metrics', {
  indexes: [
    ['startTime', 'id'],
    ['featureType', 'status', 'channel', 'startTime'],
    ['featureSystemName', 'startTime'],
    ['traceId'],
    ['conversationId'],
    ['userId', 'startTime'],
  ],
})
export class Metric extends Imported {
  @Column(string(100))
  featureType!: string;

  @Column(string(255), { nullable: true })
  featureSystemName!: string | null;

  @Column(string(255), { nullable: true })
  featureName!: string | null;

  @Column(string(255), { nullable: true })
  featureId!: string | null;

  @Column(string(255), { nullable: true })
  featureVariant!: string | null;

  @Column(string(255), { nullable: true })
  traceId!: string | null;

  /** `success` or `error`. */
  @Column(string(50), { nullable: true })
  status!: string | null;

  @Column(string(100), { nullable: true })
  channel!: string | null;

  @Column(string(255), { nullable: true })
  source!: string | null;

  @Column(string(255), { nullable: true })
  userId!: string | null;

  @Column(string(255), { nullable: true })
  consumerName!: string | null;

  @Column(string(100), { nullable: true })
  consumerType!: string | null;

  @Column(instant())
  startTime!: Date;

  @Column(instant(), { nullable: true })
  endTime!: Date | null;

  /** Milliseconds. */
  @Column(double(), { nullable: true })
  latency!: number | null;

  @Column(money(), { nullable: true })
  cost!: string | null;

  @Column(string(255), { nullable: true })
  conversationId!: string | null;

  @Column(json(), { nullable: true })
  conversationData!: unknown;

  @Column(json(), { nullable: true })
  extraData!: unknown;

  @Column(json(), { nullable: true })
  xAttributes!: unknown;
}
