import type { Mapping } from '../mapping.js';
import { agentConversations } from './agent-conversations.js';
import { agents } from './agents.js';
import { aiApps } from './ai-apps.js';
import { apiKeys } from './api-keys.js';
import { apiServers } from './api-servers.js';
import { apiTools } from './api-tools.js';
import { collections } from './collections.js';
import { documentChunks, documentChunksOf } from './document-chunks.js';
import { evaluationSets } from './evaluation-sets.js';
import { evaluations } from './evaluations.js';
import { jobs } from './jobs.js';
import { mcpServers } from './mcp-servers.js';
import { metrics } from './metrics.js';
import { models } from './models.js';
import { prompts } from './prompts.js';
import { providers } from './providers.js';
import { ragTools } from './rag-tools.js';
import { retrievalTools } from './retrieval-tools.js';
import { traces } from './traces.js';

/** Every collection that is imported, in the order of import: what is referred to comes first. */
export const ALL_MAPPINGS: readonly Mapping[] = [
  providers,
  models,
  prompts,
  ragTools,
  retrievalTools,
  agents,
  apiTools,
  aiApps,
  apiServers,
  mcpServers,
  jobs,
  collections,
  documentChunks,
  evaluationSets,
  evaluations,
  agentConversations,
  traces,
  metrics,
  apiKeys,
];

/** Makes the mapping of one collection out of one that is for many. */
const BOUND = new Map<Mapping, (collection: string) => Mapping>([[documentChunks, documentChunksOf]]);

/**
 * The mapping of a collection; undefined when dbtool imports none such. Of a mapping for many collections
 * the one bound to this very collection.
 */
export function mappingFor(collection: string): Mapping | undefined {
  const mapping = templateOf(collection);
  return mapping && (BOUND.get(mapping)?.(collection) ?? mapping);
}

/** The collections in an order in which what others refer to comes first; those that are not imported last. */
export function sortByDependence(names: readonly string[]): string[] {
  const place = (name: string): number => {
    const mapping = templateOf(name);
    return mapping ? ALL_MAPPINGS.indexOf(mapping) : ALL_MAPPINGS.length;
  };
  return [...names].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

function templateOf(name: string): Mapping | undefined {
  return ALL_MAPPINGS.find(({ collection, matches }) => (matches ? matches(name) : collection === name));
}
