import { Column, Table } from '../database/model/decorators.js';
import { json } from '../database/model/logical-type.js';
import { WithVariants } from './with-variants.js';

/** An agent that talks with users and calls tools. */
@Table('agents')
export class Agent extends WithVariants {
  @Column(json(), { nullable: true })
  channels!: unknown;
}
