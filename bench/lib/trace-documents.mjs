/*
 * Documents for bench/import.mjs and bench/mapping.mjs: traces of about 7 KB with 5 spans, the same for the same number.
 */
import { createHash } from 'node:crypto';
import { sampleText } from './sample-text.mjs';

const FIRST = Date.UTC(2025, 0, 1);
const TYPES = ['prompt-template', 'rag-tool', 'agent'];

export function traceDocument(index) {
  const digits = createHash('sha256').update(`trace ${index}`).digest('hex');
  const id = digits.slice(0, 32);
  const start = FIRST + index * 1000;
  const feature = `FEATURE_${index % 40}`;
  return {
    _id: id,
    name: `Feature ${index % 40}`,
    type: TYPES[index % TYPES.length],
    status: index % 20 === 0 ? 'error' : 'success',
    channel: index % 10 === 0 ? 'preview' : 'production',
    source: 'Runtime API',
    user_id: `user-${index % 500}`,
    start_time: new Date(start),
    end_time: new Date(start + 9748),
    latency: 9748.601,
    cost_details: { chat: 0.00591, embed: 0.0000195, rerank: 0, total: 0.0059295 },
    extra_data: { params: { system_name: feature, user_message: sampleText(index, 0, 150) } },
    spans: spansOf({ id, spanIds: digits.slice(16).match(/.{8}/g), index, start }),
  };
}

/** What was called, in the order in which it ended; the root is last. */
function spansOf({ id, spanIds, index, start }) {
  const root = `${spanIds[0]}00000004`;
  const span = (at, fields) => ({
    id: `${spanIds[at % spanIds.length]}0000000${at}`,
    parent_id: at === 4 ? id : root,
    start_time: new Date(start + at * 1000),
    end_time: new Date(start + at * 1000 + 900),
    latency: 900.574,
    status: 'success',
    status_message: null,
    ...fields,
  });
  const nothing = { model: null, input: null, output: null, usage_details: null, cost_details: null };
  return [
    span(0, { name: 'Classify', ...chat(index, 1, { question: 400, answer: 80 }) }),
    span(1, { name: 'Create embedding', ...embedding(index) }),
    span(2, { name: 'Search', type: 'search', ...nothing, ...found(index) }),
    span(3, { name: 'Generate answer', ...chat(index, 3, { question: 450, answer: 500 }) }),
    { ...span(4, { name: 'Executing feature', type: 'span', ...nothing }), id: root },
  ];
}

function chat(index, part, { question, answer }) {
  return {
    type: 'chat',
    prompt_template: {
      name: `TEMPLATE_${index % 60}`,
      display_name: `Template ${index % 60}`,
      variant: 'variant_2',
    },
    model: modelOf(`OPENAI_GPT-4O_${index % 7}`, { llm: 'gpt-4o', temperature: 1, max_tokens: 2048 }),
    input: [
      { role: 'system', content: sampleText(index % 60, part, 300) },
      { role: 'user', content: sampleText(index, part + 5, question) },
    ],
    output: { role: 'assistant', content: sampleText(index, part + 10, answer) },
    usage_details: {
      input: 856 + part,
      input_details: { units: 'tokens', standard: 856 + part, cached: 0 },
      output: 377,
      output_details: { units: 'tokens', standard: 377, reasoning: 0 },
      total: 1233 + part,
    },
    cost_details: { input: 0.00214, output: 0.00377, total: 0.00591 },
    conversation_id: null,
  };
}

function embedding(index) {
  return {
    type: 'embed',
    model: modelOf('OPENAI_EMBEDDING_SMALL', { llm: 'text-embedding-3-small' }),
    input: sampleText(index, 0, 150),
    output: null,
    usage_details: { input: 15, input_details: { units: 'tokens', standard: 15, cached: 0 }, total: 15 },
    cost_details: { input: 0.0000195, total: 0.0000195 },
  };
}

function found(index) {
  const output = [0, 1].map((rank) => ({
    id: createHash('md5').update(`chunk ${index} ${rank}`).digest('hex'),
    score: 0.873512 - rank / 100,
    content: sampleText(index, 20 + rank, 350),
    metadata: { title: `Page ${index % 300}`, url: `https://wiki.example.com/pages/${index % 300}` },
  }));
  return { input: sampleText(index, 0, 150), output };
}

function modelOf(name, parameters) {
  return { name, display_name: name, provider: 'openai', provider_display_name: 'OpenAI', parameters };
}
