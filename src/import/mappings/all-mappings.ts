import type { Mapping } from '../mapping.js';
import { apiKeys } from './api-keys.js';
import { conversations } from './conversations.js';
import { documentChunks } from './document-chunks.js';
import { evaluations, evaluationSets } from './evaluations.js';
import { agents, aiApps, apiTools, prompts, ragTools, retrievalTools } from './features.js';
import { jobs } from './jobs.js';
import { knowledgeSources } from './knowledge-sources.js';
import { metrics } from './metrics.js';
import { models } from './models.js';
import { providers } from './providers.js';
import { apiServers, mcpServers } from './servers.js';
import { traces } from './traces.js';

/** Every collection that is imported, in the order of import: what is referred to comes first. */
export const ALL_MAPPINGS: readonly Mapping[] = [
  providers,
  models,
  jobs,
  apiServers,
  mcpServers,
  apiTools,
  prompts,
  knowledgeSources,
  documentChunks,
  retrievalTools,
  ragTools,
  agents,
  aiApps,
  evaluationSets,
  evaluations,
  apiKeys,
  traces,
  conversations,
  metrics,
];

/** The mapping of a collection, with the collection's own name; undefined when none is imported so. */
export function mappingFor(collection: string): Mapping | undefined {
  const mapping = ALL_MAPPINGS.find((one) => one.matches?.(collection) ?? one.collection === collection);
  return mapping && { ...mapping, collection };
}

/** The mappings of those collections that are imported, in the order of import. */
export function mappingsOf(collections: readonly string[]): Mapping[] {
  return ALL_MAPPINGS.flatMap((mapping) =>
    collections
      .filter((name) => mapping.matches?.(name) ?? mapping.collection === name)
      .map((name) => ({ ...mapping, collection: name })),
  );
}
