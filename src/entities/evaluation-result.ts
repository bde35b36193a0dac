import { Column, Table } from '../database/model/decorators.js';
import { double, instant, integer, json, string, text } from '../database/model/logical-type.js';

/** The answer to one item of a test set in one evaluation. */
@Table('evaluation_results', { indexes: [['evaluatedAt']] })
export class EvaluationResult {
  @Column(string(255), {
    primary: true,
    references: { table: 'evaluations', column: 'id', onDelete: 'CASCADE' },
  })
  evaluationId!: string;

  @Column(string(100), { primary: true })
  id!: string;

  /** Place in the evaluation, from 0. */
  @Column(integer())
  position!: number;

  @Column(string(255), { nullable: true })
  modelVersion!: string | null;

  /** `prompt_tokens`, `completion_tokens`, … */
  @Column(json(), { nullable: true })
  usage!: unknown;

  /** Milliseconds. */
  @Column(double(), { nullable: true })
  latency!: number | null;

  @Column(text(), { nullable: true })
  generatedOutput!: string | null;

  @Column(text(), { nullable: true })
  expectedOutput!: string | null;

  @Column(text(), { nullable: true })
  userMessage!: string | null;

  @Column(string(255), { nullable: true })
  testSet!: string | null;

  @Column(integer(), { nullable: true })
  iteration!: number | null;

  @Column(integer(), { nullable: true })
  score!: number | null;

  @Column(instant(), { nullable: true })
  evaluatedAt!: Date | null;

  @Column(json(), { nullable: true })
  extra!: unknown;
}
