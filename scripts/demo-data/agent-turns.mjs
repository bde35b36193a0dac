import { asConsumer, chatCall, embedCall, search } from './calls.mjs';
import { toDate, toLatency } from './clock.mjs';
import { answer, question } from './phrases.mjs';

/** @typedef {import('./common.mjs').Doc} Doc */
/** @typedef {import('./features.mjs').Feature} Feature */
/** @typedef {import('./features.mjs').FeatureSet} FeatureSet */
/** @typedef {import('./requests.mjs').Entry} Entry */
/** @typedef {import('./trace-builder.mjs').TraceBuilder} TraceBuilder */

/** With more spans than this an agent calls no further tool, so that a trace stays within twelve. */
const SPANS_FOR_TOOL = 5;

/**
 * @typedef {object} Turn what one turn of an agent leaves for its conversation
 * @property {string} ask
 * @property {string} say
 * @property {string} topic
 * @property {boolean} ok
 * @property {Doc[]} steps
 * @property {number[]} toolLatencies milliseconds
 */

/**
 * @param {TraceBuilder} t
 * @param {FeatureSet} features
 * @param {Feature} agent
 * @param {string} ask
 * @param {string} say
 */
function callTool(t, features, agent, ask, say) {
  const { rng } = t;
  if (rng.chance(0.4)) {
    const tool = /** @type {Feature} */ (features.ragTools[1]);
    t.feature({ feature: tool, variant: 'variant_1', consumer: asConsumer(agent) }, () => {
      t.within('RAG tool', () => {
        if (!embedCall(t, /** @type {string} */ (tool.embedding), ask)) return;
        search(t, 'HR_WIKI');
        chatCall(t, { name: 'Generate answer', model: tool.model, ask, say });
      });
      return { question: ask, answer: say, is_answered: t.failure === null };
    });
  } else {
    const fields = {
      type: 'tool',
      input: { order_id: String(rng.int(10_000, 99_999)) },
      output: { status: 'shipped' },
    };
    const broken = rng.chance(0.06);
    if (broken) t.failure = 'HTTP 404: {"detail":"order not found"}';
    t.leaf('GET_ORDER', broken ? { ...fields, output: null } : fields, [60, 1800]);
  }
  // An agent reports a failed tool to the model and goes on.
  t.recover();
}

/**
 * One turn of a chat with an agent: classify, use tools, answer.
 * @param {TraceBuilder} t
 * @param {Entry & {features: FeatureSet, language: string, topic: string}} entry
 * @returns {Turn}
 */
export function agentTurn(t, { features, language, topic, ...entry }) {
  const { rng } = t;
  const agent = entry.feature;
  const classifier = /** @type {Feature} */ (features.prompts[1]);
  const ask = question(rng, language);
  const say = answer(rng, language);
  /** @type {Turn} */
  const turn = { ask, say, topic, ok: false, steps: [], toolLatencies: [] };
  const step = (/** @type {string} */ type, /** @type {() => void} */ body, /** @type {Doc} */ details) => {
    const start = t.now;
    body();
    turn.steps.push({ started_at: toDate(start), completed_at: toDate(t.now), type, details });
    if (type === 'tool_call') turn.toolLatencies.push(toLatency(t.now - start));
  };
  t.feature(entry, () => {
    t.within('Executing Agent', () => {
      const use = { feature: classifier, variant: 'variant_3', consumer: asConsumer(agent) };
      const classify = { name: 'Classify', model: classifier.model, ask, say: topic, template: use };
      step(
        'classification',
        () => {
          t.feature(use, () => {
            chatCall(t, { ...classify, tokens: [3, 30] });
            return null;
          });
        },
        { topic },
      );
      if (t.failure !== null) return;
      for (
        let calls = rng.weighted([
          [0, 5],
          [1, 4],
          [2, 2],
        ]);
        calls > 0;
        calls--
      ) {
        if (t.records.length > SPANS_FOR_TOOL) break;
        step(
          'tool_call',
          () => {
            callTool(t, features, agent, ask, say);
          },
          { tool: 'GET_ORDER', arguments: {} },
        );
      }
      step(
        'topic_completion',
        () => {
          chatCall(t, { name: 'Complete topic', model: agent.model, ask, say });
        },
        { topic },
      );
    });
    turn.ok = t.failure === null;
    return { topic, language };
  });
  return turn;
}
