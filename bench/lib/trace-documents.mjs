/*
 * Documents for bench/import.mjs and bench/mapping.mjs: traces of about 7 KB with 5 spans, the same for the same number.
 */
import { createHash } from 'node:crypto';

const FIRST = Date.UTC(2025, 0, 1);
const WORDS =
  'the answer of a model to "a question", asked in\nGeneva – with ümlauts, \\ and {"json": [1, 2.5]}; ';

export function traceDocument(index) {
  const id = createHash('sha256').update(`trace ${index}`).digest('hex').slice(0, 32);
  const start = FIRST + index * 1000;
  return {
    _id: id,
    name: `Trace ${index}`,
    type: ['prompt-template', 'rag-tool', 'agent'][index % 3],
    status: index % 20 === 0 ? 'error' : 'success',
    channel: 'production',
    source: 'bench',
    user_id: `user-${index % 500}`,
    start_time: new Date(start),
    end_time: new Date(start + 900),
    latency: 900.5,
    cost_details: { chat: 0.0021, embed: 0.0004, rerank: 0, total: 0.0025 },
    extra_data: { params: { system_name: `feature-${index % 40}`, user_message: text(index, 600) } },
    spans: Array.from({ length: 5 }, (_, at) => spanOf(id, index, at, start)),
  };
}

function spanOf(trace, index, at, start) {
  return {
    id: `${trace}-${at}`,
    name: `span ${at}`,
    type: at === 0 ? 'chat' : 'embed',
    status: 'success',
    start_time: new Date(start + at * 100),
    end_time: new Date(start + at * 100 + 90),
    latency: 90.25,
    model: { name: `model-${index % 7}`, provider: 'Provider' },
    usage_details: { input: 100 + at, output: 50, total: 150 + at },
    cost_details: { total: 0.0005 },
    input: { messages: [{ role: 'user', content: text(index + at, 500) }] },
    output: text(index * 5 + at, 450),
  };
}

/** Text that starts at another place for each number. */
function text(number, length) {
  return (`${number} ` + WORDS.repeat(Math.ceil(length / WORDS.length) + 1)).slice(0, length);
}
