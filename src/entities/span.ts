import { Column, Table } from '../database/model/decorators.js';
import { double, instant, integer, json, money, string, text } from '../database/model/logical-type.js';

/** One step of a trace. */
@Table('spans', {
  indexes: [['startTime'], ['type', 'startTime'], ['modelName', 'startTime'], ['conversationId']],
})
export class Span {
  @Column(string(255), { primary: true, references: { table: 'traces', column: 'id', onDelete: 'CASCADE' } })
  traceId!: string;

  /** 16 hexadecimal digits, unique within the trace. */
  @Column(string(100), { primary: true })
  id!: string;

  /** Id of another span of the trace, or the trace's own id for a root. */
  @Column(string(255), { nullable: true })
  parentId!: string | null;

  /** Place in the source's list, from 0. */
  @Column(integer())
  position!: number;

  @Column(string(255), { nullable: true })
  name!: string | null;

  /** `span`, `chat`, `embed`, `rerank`, `search`, `tool`, … */
  @Column(string(100), { nullable: true })
  type!: string | null;

  @Column(string(50), { nullable: true })
  status!: string | null;

  @Column(text(), { nullable: true })
  statusMessage!: string | null;

  @Column(text(), { nullable: true })
  description!: string | null;

  @Column(instant(), { nullable: true })
  startTime!: Date | null;

  @Column(instant(), { nullable: true })
  endTime!: Date | null;

  /** Milliseconds. */
  @Column(double(), { nullable: true })
  latency!: number | null;

  /** `prompt_template.name` and `.variant`. */
  @Column(string(255), { nullable: true })
  promptTemplateName!: string | null;

  @Column(string(255), { nullable: true })
  promptTemplateVariant!: string | null;

  /** `model.name` and `.provider`. */
  @Column(string(255), { nullable: true })
  modelName!: string | null;

  @Column(string(255), { nullable: true })
  modelProvider!: string | null;

  /** Tokens, from `usage_details`. */
  @Column(integer(), { nullable: true })
  tokensInput!: number | null;

  @Column(integer(), { nullable: true })
  tokensCached!: number | null;

  @Column(integer(), { nullable: true })
  tokensOutput!: number | null;

  @Column(integer(), { nullable: true })
  tokensReasoning!: number | null;

  @Column(integer(), { nullable: true })
  tokensTotal!: number | null;

  /** `cost_details.total`; null when the model has no price. */
  @Column(money(), { nullable: true })
  costTotal!: string | null;

  @Column(json(), { nullable: true })
  promptTemplate!: unknown;

  @Column(json(), { nullable: true })
  model!: unknown;

  @Column(json(), { nullable: true })
  input!: unknown;

  @Column(json(), { nullable: true })
  output!: unknown;

  @Column(json(), { nullable: true })
  usageDetails!: unknown;

  @Column(json(), { nullable: true })
  costDetails!: unknown;

  @Column(string(255), { nullable: true })
  conversationId!: string | null;

  @Column(json(), { nullable: true })
  extraData!: unknown;

  @Column(json(), { nullable: true })
  extra!: unknown;
}
