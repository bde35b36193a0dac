import { Min, IsOptional } from 'class-validator';
import { Column, Table } from '../database/model/decorators.js';
import { flag, integer, json, money, string } from '../database/model/logical-type.js';
import { Configured } from './bases.js';

/**
 * An AI model with its prices: money for each so many units (`price…UnitCount`, usually tokens). A
 * missing price is unknown, which is not the price 0.
 */
@Table('ai_models', { indexes: [['providerSystemName']] })
export class AiModel extends Configured {
  @Column(string(255), {
    nullable: true,
    references: { table: 'providers', column: 'system_name', onDelete: 'NO ACTION' },
  })
  providerSystemName!: string | null;

  @Column(string(100), { nullable: true })
  providerName!: string | null;

  @Column(string(255), { nullable: true })
  aiModel!: string | null;

  @Column(string(255), { nullable: true })
  displayName!: string | null;

  /** `prompts`, `embeddings`, `re-ranking`, … */
  @Column(string(50), { nullable: true })
  type!: string | null;

  @Column(flag(), { nullable: true })
  jsonMode!: boolean | null;

  @Column(flag(), { nullable: true })
  jsonSchema!: boolean | null;

  @Column(flag(), { nullable: true })
  toolCalling!: boolean | null;

  @Column(flag(), { nullable: true })
  reasoning!: boolean | null;

  @Column(flag(), { nullable: true })
  isDefault!: boolean | null;

  @Column(flag(), { nullable: true })
  isActive!: boolean | null;

  @Column(money(), { nullable: true })
  priceInput!: string | null;

  @Column(money(), { nullable: true })
  priceOutput!: string | null;

  @Column(money(), { nullable: true })
  priceCached!: string | null;

  @Column(money(), { nullable: true })
  priceReasoning!: string | null;

  @IsOptional()
  @Min(1)
  @Column(integer(), { nullable: true })
  priceStandardInputUnitCount!: number | null;

  @IsOptional()
  @Min(1)
  @Column(integer(), { nullable: true })
  priceCachedInputUnitCount!: number | null;

  @IsOptional()
  @Min(1)
  @Column(integer(), { nullable: true })
  priceStandardOutputUnitCount!: number | null;

  @IsOptional()
  @Min(1)
  @Column(integer(), { nullable: true })
  priceReasoningOutputUnitCount!: number | null;

  @Column(string(50), { nullable: true })
  priceInputUnitName!: string | null;

  @Column(string(50), { nullable: true })
  priceOutputUnitName!: string | null;

  @Column(string(500), { nullable: true })
  resources!: string | null;

  @Column(json(), { nullable: true })
  configs!: unknown;

  @Column(json(), { nullable: true })
  routingConfig!: unknown;
}
