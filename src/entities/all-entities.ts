import type { EntityClass } from '../database/model/table-model.js';
import { Agent } from './agent.js';
import { AiApp } from './ai-app.js';
import { AiModel } from './ai-model.js';
import { ApiKey } from './api-key.js';
import { ApiServer } from './api-server.js';
import { ApiTool } from './api-tool.js';
import { Conversation } from './conversation.js';
import { ConversationMessage } from './conversation-message.js';
import { DocumentChunk } from './document-chunk.js';
import { Evaluation } from './evaluation.js';
import { EvaluationResult } from './evaluation-result.js';
import { EvaluationSet } from './evaluation-set.js';
import { ImportCheckpoint } from './import-checkpoint.js';
import { ImportLock } from './import-lock.js';
import { ImportProgress } from './import-progress.js';
import { ImportRun } from './import-run.js';
import { Job } from './job.js';
import { KnowledgeSource } from './knowledge-source.js';
import { McpServer } from './mcp-server.js';
import { Metric } from './metric.js';
import { Prompt } from './prompt.js';
import { Provider } from './provider.js';
import { RagTool } from './rag-tool.js';
import { RetrievalTool } from './retrieval-tool.js';
import { Span } from './span.js';
import { Trace } from './trace.js';

/** Every entity; what others refer to comes first. */
export const ALL_ENTITIES: readonly EntityClass[] = [
  Provider,
  AiModel,
  Prompt,
  RagTool,
  RetrievalTool,
  Agent,
  ApiTool,
  AiApp,
  ApiServer,
  McpServer,
  KnowledgeSource,
  DocumentChunk,
  EvaluationSet,
  Evaluation,
  EvaluationResult,
  Conversation,
  ConversationMessage,
  Trace,
  Span,
  Metric,
  Job,
  ApiKey,
  ImportCheckpoint,
  ImportProgress,
  ImportRun,
  ImportLock,
];

/** What the import keeps of itself; all other entities hold what was imported. */
export const IMPORT_RECORDS: readonly EntityClass[] = [
  ImportCheckpoint,
  ImportProgress,
  ImportRun,
  ImportLock,
];
