import { Decimal128, Double, Long } from 'bson';

import { configured, opaqueSecret } from './common.mjs';
import { parseTicks } from './money.mjs';

/** @typedef {import('./common.mjs').Doc} Doc */
/** @typedef {import('./common.mjs').Sources} Sources */

/**
 * @typedef {object} ModelSpec
 * @property {string} systemName
 * @property {string} display
 * @property {string | null} provider system name of the provider
 * @property {string} providerName
 * @property {string} llm the provider's own name of the model
 * @property {'prompts' | 'embeddings' | 're-ranking'} type
 * @property {string | null} input price per `unit` as a plain decimal; null means no price
 * @property {string | null} output
 * @property {string | null} cached
 * @property {string | null} reasoning
 * @property {number} unit how many units a price buys
 * @property {string} unitName
 * @property {'string' | 'number' | 'decimal' | 'double'} priceKind how the document writes its prices
 * @property {boolean} [old] written before `ai_model` got its name
 * @property {boolean} [isDefault]
 */

/**
 * @param {string} key `<provider system name>/<llm>`
 * @param {string} display
 * @param {ModelSpec['type']} type
 * @param {[input: string | null, output?: string | null, cached?: string | null, reasoning?: string | null]} prices
 * @param {Partial<ModelSpec>} [rest]
 * @returns {ModelSpec}
 */
function spec(key, display, type, [input, output = null, cached = null, reasoning = null], rest = {}) {
  const slash = key.indexOf('/');
  const provider = key.slice(0, slash);
  const llm = key.slice(slash + 1);
  return {
    systemName: `${provider}_${llm}`.toUpperCase(),
    display,
    provider,
    providerName: provider.toLowerCase(),
    llm,
    type,
    input,
    output,
    cached,
    reasoning,
    unit: 1_000_000,
    unitName: 'tokens',
    priceKind: 'string',
    ...rest,
  };
}

const perThousand = { unit: 1000 };

/** @type {readonly ModelSpec[]} */
export const MODELS = [
  spec('OPENAI/gpt-4o', 'OpenAI GPT 4o', 'prompts', ['2.50', '10.00', '1.25'], { isDefault: true }),
  spec('OPENAI/gpt-4o-mini', 'OpenAI GPT 4o mini', 'prompts', ['0.15', '0.60', '0.075'], {
    priceKind: 'number',
  }),
  spec('OPENAI/gpt-4.1', 'OpenAI GPT 4.1', 'prompts', ['2', '8', '0.5'], { priceKind: 'number' }),
  spec('OPENAI/o3-mini', 'OpenAI o3-mini', 'prompts', ['1.10', '4.40', '0.55', '4.40'], {
    priceKind: 'decimal',
  }),
  spec('OPENAI/text-embedding-3-small', 'Embedding 3 small', 'embeddings', ['0.02'], { isDefault: true }),
  spec('OPENAI/text-embedding-3-large', 'Embedding 3 large', 'embeddings', ['0.13'], {
    priceKind: 'decimal',
  }),
  spec('AZURE_OPENAI/gpt-4o', 'Azure GPT 4o', 'prompts', ['0.0025', '0.01', '0.00125'], perThousand),
  spec('AZURE_OPENAI/gpt-35-turbo', 'Azure GPT 3.5 Turbo', 'prompts', ['0.0005', '0.0015'], {
    ...perThousand,
    old: true,
  }),
  spec('AZURE_OPENAI/text-embedding-ada-002', 'Azure Ada 002', 'embeddings', ['0.0001'], {
    ...perThousand,
    old: true,
    priceKind: 'double',
  }),
  spec('OCI/cohere.command-r-plus', 'Cohere Command R+ (OCI)', 'prompts', ['2.5', '10'], {
    priceKind: 'double',
  }),
  spec('OCI/cohere.embed-multilingual-v3.0', 'Cohere Embed многоязычный', 'embeddings', ['0.1']),
  spec('OCI/cohere.rerank-v3.5', 'Cohere Rerank 3.5', 're-ranking', ['2'], {
    ...perThousand,
    unitName: 'searches',
    isDefault: true,
  }),
  // Its prices are "", which means unknown: spans that used it have no cost.
  spec('OCI/cohere.rerank-v3.0', 'Cohere Rerank 3.0 «старый»', 're-ranking', [null], {
    ...perThousand,
    unitName: 'searches',
    old: true,
  }),
  // A model on a company's own hardware: no provider is configured for it, and its price IS 0.
  spec('LOCAL/llama-3.3-70b', 'Llama 3.3 本地', 'prompts', ['0', '0'], {
    provider: null,
    providerName: 'local',
    priceKind: 'number',
  }),
];

/**
 * @param {string} systemName
 * @returns {ModelSpec}
 */
export function modelNamed(systemName) {
  const model = MODELS.find((candidate) => candidate.systemName === systemName);
  if (model === undefined) throw new Error(`The catalogue has no model ${systemName}`);
  return model;
}

/**
 * A model's price in ticks per unit count, or null where it has none.
 * @param {ModelSpec} model
 * @param {'input' | 'output' | 'cached' | 'reasoning'} kind cached and reasoning tokens fall back to the
 *   standard price
 */
export function priceTicks(model, kind) {
  const fallback = kind === 'cached' ? model.input : kind === 'reasoning' ? model.output : null;
  const text = model[kind] ?? fallback;
  return text === null ? null : parseTicks(text);
}

/**
 * @param {string | null} price
 * @param {ModelSpec['priceKind']} kind
 */
function priceValue(price, kind) {
  if (price === null) return '';
  if (kind === 'string') return price;
  if (kind === 'decimal') return Decimal128.fromString(price);
  return kind === 'double' ? new Double(Number(price)) : Number(price);
}

/**
 * @param {ModelSpec} model
 * @returns {Doc}
 */
function modelBody(model) {
  const chat = model.type === 'prompts';
  const unit = model.priceKind === 'decimal' ? Long.fromNumber(model.unit) : model.unit;
  return {
    provider_name: model.providerName,
    provider_system_name: model.provider,
    [model.old ? 'model' : 'ai_model']: model.llm,
    display_name: model.display,
    system_name: model.systemName,
    type: model.type,
    json_mode: chat,
    json_schema: chat && !model.old,
    tool_calling: chat,
    reasoning: model.reasoning !== null,
    is_default: model.isDefault ?? false,
    is_active: !model.old,
    price_input: priceValue(model.input, model.priceKind),
    price_output: priceValue(model.output, model.priceKind),
    // Older documents know neither cached nor reasoning tokens.
    ...(model.old
      ? {}
      : {
          price_cached: priceValue(model.cached, model.priceKind),
          price_reasoning: model.reasoning === null ? null : priceValue(model.reasoning, model.priceKind),
          price_cached_input_unit_count: unit,
          price_reasoning_output_unit_count: model.reasoning === null ? null : unit,
        }),
    price_standard_input_unit_count: unit,
    price_standard_output_unit_count: unit,
    price_input_unit_name: model.unitName,
    price_output_unit_name: chat ? model.unitName : null,
    resources: model.old ? '' : `https://example.com/models/${model.llm}`,
    configs: chat ? { temperature: 0.2, top_p: 1 } : null,
    routing_config: model.isDefault && chat ? { fallback_models: ['AZURE_OPENAI_GPT-4O'], rpm: 500 } : null,
  };
}

/** @param {Sources} sources */
export function modelDocuments(sources) {
  return MODELS.map((model) => configured(sources, modelBody(model), { old: model.old ?? false }));
}

/** @param {Sources} sources */
export function providerDocuments(sources) {
  const { rng } = sources;
  return [
    configured(sources, {
      name: 'OpenAI',
      description: 'Main account',
      system_name: 'OPENAI',
      category: 'llm',
      type: 'openai',
      endpoint: 'https://api.openai.example.com/v1',
      connection_config: { organization: 'org-demo', timeout: 60, max_retries: 2 },
      secrets_encrypted: opaqueSecret(rng),
      metadata_info: null,
    }),
    configured(
      sources,
      {
        name: 'Azure OpenAI — Zürich',
        description: '',
        system_name: 'AZURE_OPENAI',
        type: 'azure_open_ai',
        endpoint: 'https://demo-ch.openai.example.com/',
        connection_config: { api_version: '2024-10-21', deployments: ['gpt-4o', 'gpt-35-turbo'] },
        secrets_encrypted: opaqueSecret(rng),
      },
      { old: true },
    ),
    configured(sources, {
      name: 'Oracle Cloud 生成式 AI',
      description: 'Cohere models, Frankfurt; "pay as you go"',
      system_name: 'OCI',
      category: null,
      type: 'oci',
      endpoint: null,
      connection_config: { region: 'eu-frankfurt-1', compartment: 'ocid1.compartment.oc1..demo' },
      secrets_encrypted: opaqueSecret(rng),
      metadata_info: { owner: 'Платформа', cost_center: '20240115' },
    }),
  ];
}
