import { Agent } from '../../entities/agent.js';
import { AiApp } from '../../entities/ai-app.js';
import { ApiTool } from '../../entities/api-tool.js';
import { Prompt } from '../../entities/prompt.js';
import { RagTool } from '../../entities/rag-tool.js';
import { RetrievalTool } from '../../entities/retrieval-tool.js';
import type { Document } from 'bson';
import type { Mapping } from '../mapping.js';
import { configured, withSystemName } from './configured.js';

/** What the settings of a variant were when a retrieval tool had them at its top level. */
const VARIANT_SETTINGS = ['retrieve', 'ui_settings', 'language', 'sample_test_set'] as const;
const FIRST_VARIANT = 'variant_1';

/** Makes the settings of an older retrieval tool those of one variant, which is active. */
function withVariant(document: Document): Document {
  const { variants, ...rest } = document as Document & { variants?: unknown };
  const names = VARIANT_SETTINGS.filter((name) => Object.hasOwn(document, name));
  if ((variants ?? null) !== null || names.length === 0) return document;
  const settings = Object.fromEntries(names.map((name) => [name, rest[name] as unknown]));
  for (const name of names) Reflect.deleteProperty(rest, name);
  return {
    ...rest,
    active_variant: (rest['active_variant'] as unknown) ?? FIRST_VARIANT,
    variants: [{ variant: FIRST_VARIANT, ...settings }],
  };
}

export const prompts: Mapping = configured('prompts', Prompt);
export const ragTools: Mapping = configured('rag_tools', RagTool);
export const retrievalTools: Mapping = {
  ...configured('retrieval_tools', RetrievalTool),
  upgrade: (document) => withVariant(withSystemName('name')(document)),
};
export const agents: Mapping = configured('agents', Agent);
export const apiTools: Mapping = configured('api_tools', ApiTool);
export const aiApps: Mapping = configured('ai_apps', AiApp);
