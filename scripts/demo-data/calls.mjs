import { modelNamed } from './models.mjs';
import { SYSTEM_PROMPT, passage, pickLanguage } from './phrases.mjs';

/** @typedef {import('./features.mjs').Feature} Feature */
/** @typedef {import('./prng.mjs').Rng} Rng */
/** @typedef {import('./trace-builder.mjs').Consumer} Consumer */
/** @typedef {import('./trace-builder.mjs').TraceBuilder} TraceBuilder */

/**
 * The consumer of whatever a feature uses is the feature.
 * @param {Feature} feature
 * @returns {Consumer}
 */
export function asConsumer(feature) {
  return { name: feature.systemName, type: feature.type };
}

/**
 * @param {Rng} rng
 * @param {string} model system name
 * @param {[low: number, high: number]} output
 */
function chatUsage(rng, model, [low, high]) {
  const standard = rng.skewed(120, 4000);
  const thinks = modelNamed(model).reasoning !== null;
  return {
    standard,
    cached: rng.chance(0.2) ? rng.int(1, 8) * 128 : 0,
    output: rng.skewed(low, high),
    reasoning: thinks ? rng.int(1, 20) * 64 : 0,
  };
}

/**
 * @param {TraceBuilder} t
 * @param {{name: string, model: string, ask: string, say: string, tokens?: [number, number],
 *   template?: {feature: Feature, variant: string | null}}} chat
 */
export function chatCall(t, { name, model, ask, say, tokens = [20, 420], template }) {
  return t.modelCall({
    type: 'chat',
    name,
    model,
    template,
    usage: chatUsage(t.rng, model, tokens),
    input: [
      { role: 'system', content: `${SYSTEM_PROMPT}\n\n${passage(t.rng, 'en', 3)}` },
      { role: 'user', content: ask },
    ],
    output: { role: 'assistant', content: say },
  });
}

/**
 * @param {TraceBuilder} t
 * @param {string} model system name
 * @param {string} text
 */
export function embedCall(t, model, text) {
  const usage = { standard: t.rng.int(6, 60), cached: 0, output: 0, reasoning: 0 };
  return t.modelCall({ type: 'embed', name: 'Create embedding', model, usage, input: text, output: null });
}

/**
 * @param {TraceBuilder} t
 * @param {string} model system name
 * @param {string} text
 */
export function rerankCall(t, model, text) {
  const usage = { standard: 1, cached: 0, output: 0, reasoning: 0 };
  const output = [
    { index: 2, relevance_score: 0.91 },
    { index: 0, relevance_score: t.rng.int(10, 90) / 100 },
  ];
  return t.modelCall({
    type: 'rerank',
    name: 'Rerank documents',
    model,
    usage,
    input: { query: text, top_n: 2 },
    output,
  });
}

/**
 * @param {TraceBuilder} t
 * @param {string} collection
 */
export function search(t, collection) {
  const language = pickLanguage(t.rng);
  const found = Array.from({ length: t.rng.int(0, 3) }, (_, index) => ({
    title: `Article ${index + 1}`,
    content: passage(t.rng, language, 3),
    score: t.rng.int(70, 99) / 100,
  }));
  t.leaf(`Search in ${collection}`, { type: 'search', input: { limit: 5 }, output: found }, [8, 160]);
}
