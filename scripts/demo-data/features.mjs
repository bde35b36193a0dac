import { configured } from './common.mjs';

/** @typedef {import('./common.mjs').Doc} Doc */
/** @typedef {import('./common.mjs').Sources} Sources */

/**
 * A feature as requests use it.
 * @typedef {object} Feature
 * @property {string} type feature type as in traces and metrics
 * @property {string} systemName
 * @property {string} name
 * @property {string | null} id `_id` of its document as hex, null where there is none
 * @property {readonly string[]} variants the last one is active
 * @property {string} model system name of the model that answers
 * @property {string | null} embedding system name of the embedding model
 * @property {string | null} reranker system name of the re-ranking model
 */

/**
 * @typedef {{system: string, name: string, model: string, variants?: number, description?: string,
 *   category?: string | null, old?: boolean, embedding?: string, reranker?: string}} Plan
 */

/** @type {Plan[]} */
const PROMPTS = [
  {
    system: 'TICKET_SUMMARY',
    name: 'Ticket Summary',
    model: 'OPENAI_GPT-4O',
    variants: 2,
    category: 'Support',
  },
  {
    system: 'CHAT_CLASSIFICATION',
    name: 'Classify "intent", topic',
    model: 'OPENAI_GPT-4O-MINI',
    variants: 3,
  },
  { system: 'TRANSLATE', name: 'Перевод / 翻译 / ترجمة', model: 'OPENAI_GPT-4.1', description: '' },
  { system: 'SUM_EXPLAINER', name: '=SUM(A1:A9) explainer', model: 'AZURE_OPENAI_GPT-4O', old: true },
  {
    system: 'CONTRACT_CHECK',
    name: 'Vérification de contrats',
    model: 'OPENAI_O3-MINI',
    category: 'Legal, HR',
  },
  { system: 'RELEASE_NOTES', name: 'Release notes 🚀', model: 'LOCAL_LLAMA-3.3-70B', old: true },
];

/** @type {Plan[]} */
const RAG_TOOLS = [
  {
    system: 'DEMO_RAG_TOOL',
    name: 'Help Center',
    model: 'OPENAI_GPT-4O',
    variants: 2,
    embedding: 'OPENAI_TEXT-EMBEDDING-3-SMALL',
    reranker: 'OCI_COHERE.RERANK-V3.5',
    category: 'Support',
  },
  {
    system: 'HR_RAG',
    name: 'HR हिन्दी & English',
    model: 'OPENAI_GPT-4O-MINI',
    embedding: 'OPENAI_TEXT-EMBEDDING-3-LARGE',
  },
  {
    system: 'LEGACY_MANUALS',
    name: 'Старые инструкции',
    model: 'AZURE_OPENAI_GPT-35-TURBO',
    embedding: 'AZURE_OPENAI_TEXT-EMBEDDING-ADA-002',
    reranker: 'OCI_COHERE.RERANK-V3.0',
    old: true,
  },
  {
    system: 'PRODUCT_FINDER',
    name: 'Cafe\u0301 product finder',
    model: 'OCI_COHERE.COMMAND-R-PLUS',
    variants: 3,
    embedding: 'OCI_COHERE.EMBED-MULTILINGUAL-V3.0',
    reranker: 'OCI_COHERE.RERANK-V3.5',
  },
];

/** @type {Plan[]} */
const RETRIEVAL_TOOLS = [
  {
    system: 'HELP_SEARCH',
    name: 'Help search',
    model: '',
    embedding: 'OPENAI_TEXT-EMBEDDING-3-SMALL',
    variants: 2,
  },
  {
    system: 'HR_SEARCH',
    name: 'HR search',
    model: '',
    embedding: 'OPENAI_TEXT-EMBEDDING-3-LARGE',
    reranker: 'OCI_COHERE.RERANK-V3.5',
  },
  {
    system: 'OLD_SEARCH',
    name: 'Search (2023), "do not delete"',
    model: '',
    embedding: 'AZURE_OPENAI_TEXT-EMBEDDING-ADA-002',
    old: true,
  },
  {
    system: 'OLD_SEARCH_AR',
    name: 'بحث المستندات',
    model: '',
    embedding: 'OCI_COHERE.EMBED-MULTILINGUAL-V3.0',
    old: true,
  },
];

/** @type {Plan[]} */
const AGENTS = [
  {
    system: 'SUPPORT_AGENT',
    name: 'Support Agent',
    model: 'OPENAI_GPT-4O',
    variants: 2,
    category: 'Support',
  },
  { system: 'ORDER_AGENT', name: '订单助手 📦', model: 'OPENAI_GPT-4.1' },
  { system: 'IT_HELPDESK', name: 'IT-Helpdesk für Mitarbeiter', model: 'AZURE_OPENAI_GPT-4O', old: true },
];

/**
 * @param {Plan} plan
 * @param {string} type
 * @param {Doc} document
 * @returns {Feature}
 */
function featureOf(plan, type, document) {
  return {
    type,
    systemName: plan.system,
    name: plan.name,
    id: String(document._id),
    variants: Array.from({ length: plan.variants ?? 1 }, (_, index) => `variant_${index + 1}`),
    model: plan.model,
    embedding: plan.embedding ?? null,
    reranker: plan.reranker ?? null,
  };
}

/**
 * What all configured features share; the last variant is the active one.
 * @param {Plan} plan
 * @param {(variant: string, index: number) => Doc} settings
 */
function withVariants(plan, settings) {
  const count = plan.variants ?? 1;
  return {
    name: plan.name,
    description: plan.description ?? (plan.old ? null : `${plan.name}\nfor the demo`),
    system_name: plan.system,
    ...(plan.category === undefined ? {} : { category: plan.category }),
    active_variant: `variant_${count}`,
    variants: Array.from({ length: count }, (_, index) => {
      const variant = `variant_${index + 1}`;
      return { variant, ...settings(variant, index) };
    }),
  };
}

/** @param {Plan} plan */
function promptBody(plan) {
  return withVariants(plan, (variant, index) => ({
    display_name: index === 0 ? 'First' : `Try ${index + 1}, "shorter"`,
    text: `You are ${plan.name}.\nAnswer in the user's language.\n\t{CONTEXT}`,
    system_name_for_model: plan.model,
    temperature: index === 0 ? 1 : 0.2,
    topP: 1,
    maxTokens: index === 0 ? null : 2048,
    response_format: null,
    ...(variant === 'variant_3' ? { retry_policy: { attempts: 3, backoff_ms: 400 } } : {}),
  }));
}

/**
 * @param {Plan} plan
 * @param {readonly string[]} collections
 */
function retrievalSettings(plan, collections) {
  return {
    collection_system_names: collections,
    similarity_score_threshold: 0.75,
    max_chunks_retrieved: 5,
    chunk_context_window_expansion_size: 1,
    rerank: { enabled: plan.reranker !== undefined, model: plan.reranker ?? null, max_chunks_retrieved: 20 },
  };
}

/** @param {Plan} plan */
function ragBody(plan) {
  return withVariants(plan, () => ({
    retrieve: retrievalSettings(plan, ['HELP_CENTER']),
    generate: { prompt_template: 'TICKET_SUMMARY', system_name_for_model: plan.model },
    language: {
      detect_question_language: { enabled: true },
      multilanguage: { enabled: true, source_language: 'English' },
    },
    post_process: { enabled: plan.variants !== undefined, categories: ['Billing', 'Технические вопросы'] },
    ui_settings: { header: plan.name, sub_header: '', user_feedback: true },
    sample_questions: {
      enabled: true,
      questions: { question1: 'How do I change my password?', question2: '' },
    },
  }));
}

/** @param {Plan} plan */
function retrievalBody(plan) {
  const settings = {
    retrieve: retrievalSettings(plan, plan.old ? ['ALTE_HANDBUCHER_2023'] : ['HELP_CENTER', 'HR_WIKI']),
    ui_settings: { header: plan.name, sub_header: '' },
    language: { detect_question_language: { enabled: false } },
    sample_test_set: plan.old ? 'RAG_SMOKE' : null,
  };
  // Before retrieval tools had variants, their settings stood at the top level.
  return plan.old
    ? { name: plan.name, description: '', system_name: plan.system, ...settings }
    : withVariants(plan, () => settings);
}

/** @param {Plan} plan */
function agentBody(plan) {
  return {
    ...withVariants(plan, () => ({
      settings: { classification_prompt: 'CHAT_CLASSIFICATION', welcome_message: 'Hi 👋, how can I help?' },
      topics: [
        {
          name: 'Orders & returns',
          system_name: 'ORDERS',
          actions: [
            { type: 'rag', tool_system_name: 'DEMO_RAG_TOOL', requires_confirmation: false },
            { type: 'api', tool_system_name: 'GET_ORDER', requires_confirmation: false },
            { type: 'api', tool_system_name: 'CANCEL_ORDER', requires_confirmation: true },
          ],
        },
        {
          name: 'Счета',
          system_name: 'BILLING',
          actions: [{ type: 'mcp', tool_system_name: 'find_invoice' }],
        },
      ],
    })),
    ...(plan.old
      ? {}
      : { channels: { web: { enabled: true }, slack: { enabled: plan.category !== undefined } } }),
  };
}

/**
 * Documents of one kind of feature, and the features for the requests to use.
 * @param {Sources} sources
 * @param {readonly Plan[]} plans
 * @param {string} type
 * @param {(plan: Plan) => Doc} body
 */
function build(sources, plans, type, body) {
  const documents = plans.map((plan) => configured(sources, body(plan), { old: plan.old ?? false }));
  const features = plans.map((plan, index) => featureOf(plan, type, /** @type {Doc} */ (documents[index])));
  return { documents, features };
}

/**
 * The configured features: their documents by collection, and what requests need to know of them.
 * @param {Sources} sources
 */
export function createFeatures(sources) {
  const prompts = build(sources, PROMPTS, 'prompt-template', promptBody);
  const ragTools = build(sources, RAG_TOOLS, 'rag-tool', ragBody);
  const retrievalTools = build(sources, RETRIEVAL_TOOLS, 'retrieval-tool', retrievalBody);
  const agents = build(sources, AGENTS, 'agent', agentBody);
  // A field that no mapping knows: it must survive as it is.
  Object.assign(/** @type {Doc} */ (prompts.documents[0]), {
    experiment: { bucket: 'B', started: 20240115 },
  });
  return {
    documents: {
      prompts: prompts.documents,
      rag_tools: ragTools.documents,
      retrieval_tools: retrievalTools.documents,
      agents: agents.documents,
    },
    prompts: prompts.features,
    ragTools: ragTools.features,
    retrievalTools: retrievalTools.features,
    agents: agents.features,
  };
}

/** @typedef {ReturnType<typeof createFeatures>} FeatureSet */
