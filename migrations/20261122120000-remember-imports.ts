import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumns, dropColumns } from '../src/database/model/change-tables.js';
import {
  type ColumnDefinition,
  createTables,
  dropTables,
  type TableDefinition,
} from '../src/database/model/create-tables.js';
import {
  instant,
  integer,
  json,
  type LogicalType,
  string,
  text,
} from '../src/database/model/logical-type.js';

const required = (type: LogicalType): ColumnDefinition => ({ type });
const optional = (type: LogicalType): ColumnDefinition => ({ type, nullable: true });

/** Tables whose rows are documents; those of the lists inside them change with these. */
const IMPORTED = [
  'providers',
  'ai_models',
  'prompts',
  'rag_tools',
  'retrieval_tools',
  'agents',
  'api_tools',
  'ai_apps',
  'api_servers',
  'mcp_servers',
  'knowledge_sources',
  'document_chunks',
  'evaluation_sets',
  'evaluations',
  'agent_conversations',
  'traces',
  'metrics',
  'jobs',
  'api_keys',
];

const TABLES: TableDefinition[] = [
  {
    name: 'import_progress',
    columns: {
      source: required(string(500)),
      collection: required(string(200)),
      run_id: required(string(36)),
      scope: required(text()),
      read_from: optional(instant()),
      read_until: optional(instant()),
      fingerprint: required(string(255)),
      position: required(string(2000)),
      watermark: optional(instant()),
      unfinished_since: optional(instant()),
      documents_read: required(integer()),
      documents_rejected: required(integer()),
      started_at: required(instant()),
      updated_at: required(instant()),
    },
    primaryKey: ['source', 'collection'],
  },
  {
    name: 'import_runs',
    columns: {
      id: required(string(36)),
      source: required(string(500)),
      scope: required(json()),
      status: required(string(20)),
      user_name: required(string(128)),
      host: required(string(255)),
      pid: required(integer()),
      tool_version: required(string(50)),
      started_at: required(instant()),
      updated_at: required(instant()),
      ended_at: optional(instant()),
      documents_read: required(integer()),
      documents_written: required(integer()),
      documents_unchanged: required(integer()),
      documents_rejected: required(integer()),
      documents_gone: required(integer()),
      rejects_file: optional(string(1000)),
      error_code: optional(string(100)),
      error_message: optional(text()),
      collections: optional(json()),
    },
    primaryKey: ['id'],
    indexes: [['started_at']],
  },
  {
    name: 'import_lock',
    columns: {
      id: required(integer()),
      token: required(string(100)),
      kind: required(string(10)),
      user_name: required(string(128)),
      host: required(string(255)),
      pid: required(integer()),
      session_id: optional(string(64)),
      since: required(instant()),
      expires_at: optional(instant()),
      tool_version: required(string(50)),
    },
    primaryKey: ['id'],
  },
];

/**
 * What imports keep of themselves: how far one came, a history, a lock; and of each row, whether its
 * document has changed or is gone.
 */
export class RememberImports20261122120000 implements MigrationInterface {
  name = 'RememberImports20261122120000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of IMPORTED)
      await addColumns(runner, table, {
        content_hash: optional(string(50)),
        source_deleted_at: optional(instant()),
      });
    await addColumns(runner, 'import_checkpoints', { fingerprint: optional(string(255)) });
    await createTables(runner, TABLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropTables(runner, TABLES.map((table) => table.name).toReversed());
    await dropColumns(runner, 'import_checkpoints', ['fingerprint']);
    for (const table of IMPORTED.toReversed())
      await dropColumns(runner, table, ['source_deleted_at', 'content_hash']);
  }
}
