import { Column, Table } from '../database/model/decorators.js';
import { json } from '../database/model/logical-type.js';
import { Configured } from './bases.js';

/** A test set: pairs of `user_input` and `expected_result`. */
@Table('evaluation_sets')
export class EvaluationSet extends Configured {
  @Column(json(), { nullable: true })
  items!: unknown;
}
