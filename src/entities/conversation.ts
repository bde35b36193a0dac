import { Column, Table } from '../database/model/decorators.js';
import { instant, json, string } from '../database/model/logical-type.js';
import { Imported } from './bases.js';

/** A chat of a user with an agent. */
@Table('agent_conversations', {
  indexes: [['agent', 'lastUserMessageAt'], ['lastUserMessageAt'], ['traceId']],
})
export class Conversation extends Imported {
  /** System name of the agent. */
  @Column(string(255), { nullable: true })
  agent!: string | null;

  @Column(string(255), { nullable: true })
  clientId!: string | null;

  @Column(string(255), { nullable: true })
  traceId!: string | null;

  @Column(string(255), { nullable: true })
  analyticsId!: string | null;

  @Column(instant(), { nullable: true })
  createdAt!: Date | null;

  @Column(instant(), { nullable: true })
  updatedAt!: Date | null;

  @Column(instant(), { nullable: true })
  lastUserMessageAt!: Date | null;

  /** `In Progress`, `Closed`, … */
  @Column(string(50), { nullable: true })
  status!: string | null;

  @Column(json(), { nullable: true })
  variables!: unknown;
}
