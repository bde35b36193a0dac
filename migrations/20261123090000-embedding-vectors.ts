import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addVectorColumn, dropVectorColumn, type VectorColumn } from '../src/database/vector-columns.js';

const EMBEDDINGS: VectorColumn = { table: 'document_chunks', name: 'embedding_vector', source: 'embedding' };

/**
 * Embeddings as pgvector's type, to search by similarity, where that extension is installed. What statements it
 * has depends on that; elsewhere it has none.
 */
export class EmbeddingVectors20261123090000 implements MigrationInterface {
  name = 'EmbeddingVectors20261123090000';

  /** Every row is written anew: there is no other way to a column that never disagrees with its source. */
  allow = ['volatile-default'];

  async up(runner: QueryRunner): Promise<void> {
    await addVectorColumn(runner, EMBEDDINGS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropVectorColumn(runner, EMBEDDINGS);
  }
}
