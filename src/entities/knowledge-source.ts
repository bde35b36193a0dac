import { Column, Table } from '../database/model/decorators.js';
import { instant, json, string } from '../database/model/logical-type.js';
import { Configured } from './bases.js';

/** A knowledge source: what MongoDB's collection named `collections` holds. */
@Table('knowledge_sources', { indexes: [['providerSystemName']] })
export class KnowledgeSource extends Configured {
  @Column(string(255), {
    nullable: true,
    references: { table: 'providers', column: 'system_name', onDelete: 'NO ACTION' },
  })
  providerSystemName!: string | null;

  @Column(string(100), { nullable: true })
  type!: string | null;

  @Column(string(100), { nullable: true })
  aiModel!: string | null;

  @Column(json(), { nullable: true, secret: true })
  source!: unknown;

  @Column(json(), { nullable: true })
  chunking!: unknown;

  @Column(json(), { nullable: true })
  indexing!: unknown;

  @Column(json(), { nullable: true })
  metadataConfig!: unknown;

  @Column(instant(), { nullable: true })
  lastSynced!: Date | null;

  @Column(string(255), { nullable: true })
  jobId!: string | null;
}
