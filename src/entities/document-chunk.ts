import { Column, Table } from '../database/model/decorators.js';
import { json, string, text } from '../database/model/logical-type.js';
import { Imported } from './bases.js';

/** A chunk of a knowledge source's document, with its embedding. */
@Table('document_chunks', { indexes: [['knowledgeSourceId']] })
export class DocumentChunk extends Imported {
  @Column(string(255), { references: { table: 'knowledge_sources', column: 'id', onDelete: 'CASCADE' } })
  knowledgeSourceId!: string;

  @Column(text(), { nullable: true })
  content!: string | null;

  @Column(json(), { nullable: true })
  metadata!: unknown;

  /** Array of numbers, 1536 or 3072 long as a rule. On PostgreSQL `embedding_vector` may be beside it. */
  @Column(json(), { nullable: true, vectors: 'embedding_vector' })
  embedding!: unknown;
}
