import { asConsumer, chatCall, embedCall, rerankCall, search } from './calls.mjs';
import { modelNamed } from './models.mjs';
import { answer, pickFeedback, pickLanguage, pickTopic, question } from './phrases.mjs';

/** @typedef {import('./common.mjs').Doc} Doc */
/** @typedef {import('./features.mjs').Feature} Feature */
/** @typedef {import('./features.mjs').FeatureSet} FeatureSet */
/** @typedef {import('./prng.mjs').Rng} Rng */
/** @typedef {import('./trace-builder.mjs').TraceBuilder} TraceBuilder */
/** @typedef {import('./trace-builder.mjs').Consumer} Consumer */

/** @typedef {{feature: Feature, variant: string | null, consumer: Consumer}} Entry a feature about to be used */

/**
 * Nearly always the active variant, which is the last.
 * @param {Rng} rng
 * @param {Feature} feature
 * @returns {string | null}
 */
export function pickVariant(rng, feature) {
  if (feature.variants.length === 0) return null;
  return (rng.chance(0.85) ? feature.variants.at(-1) : rng.pick(feature.variants)) ?? null;
}

/**
 * A model called by itself is a feature of its own kind, known by the model's system name.
 * @param {string} type
 * @param {string} model system name
 * @returns {Feature}
 */
export function modelFeature(type, model) {
  return {
    type,
    systemName: model,
    name: modelNamed(model).display,
    id: null,
    variants: [],
    model,
    embedding: null,
    reranker: null,
  };
}

/**
 * @param {TraceBuilder} t
 * @param {Entry} entry
 */
export function promptRequest(t, entry) {
  const { rng } = t;
  const { feature, variant } = entry;
  const language = pickLanguage(rng);
  t.feature(entry, () => {
    t.within('Executing Prompt Template', () => {
      const template = { feature, variant };
      const ask = question(rng, language);
      chatCall(t, { name: 'Generate text', model: feature.model, ask, say: answer(rng, language), template });
    });
    return rng.chance(0.3) ? {} : null;
  });
}

/**
 * Embedding, searches side by side, and re-ranking if the feature has it.
 * @param {TraceBuilder} t
 * @param {Feature} feature
 * @param {string} ask
 * @param {number} searches
 */
function retrieve(t, feature, ask, searches) {
  const consumer = asConsumer(feature);
  const { embedding, reranker } = feature;
  t.within('Retrieve documents', () => {
    if (embedding !== null) {
      t.feature({ feature: modelFeature('embedding-api', embedding), variant: null, consumer }, () => {
        embedCall(t, embedding, ask);
        return null;
      });
      if (t.failure !== null) return;
    }
    const names = ['HELP_CENTER', 'HR_WIKI', 'ALTE_HANDBUCHER_2023'].slice(0, searches);
    t.parallel(
      names.map((name) => () => {
        search(t, name);
      }),
    );
    if (reranker === null) return;
    t.feature({ feature: modelFeature('reranking-api', reranker), variant: null, consumer }, () => {
      rerankCall(t, reranker, ask);
      return null;
    });
  });
}

/**
 * What the platform finds out about an answer after it was given.
 * @param {Rng} rng
 * @param {{language: string, ask: string, say: string}} talk
 */
function ragExtra(rng, { language, ask, say }) {
  const answered = rng.weighted([
    [true, 70],
    [false, 14],
    [null, 16],
  ]);
  return {
    topic: pickTopic(rng),
    language: rng.chance(0.06) ? null : language,
    is_answered: answered,
    question: ask,
    answer: say,
    ...(rng.chance(0.9) ? { answer_copied: rng.chance(0.12) } : {}),
    answer_feedback: pickFeedback(rng, 0.17) ?? (rng.chance(0.5) ? null : undefined),
    ...(answered === false ? { substandart_result_reason: rng.pick(['no_context', 'off_topic', null]) } : {}),
  };
}

/**
 * @param {TraceBuilder} t
 * @param {Entry} entry
 */
export function ragRequest(t, entry) {
  const { rng } = t;
  const { feature } = entry;
  const language = pickLanguage(rng);
  const ask = question(rng, language);
  const say = answer(rng, language);
  const consumer = asConsumer(feature);
  t.feature(entry, () => {
    t.within('Executing RAG Tool', () => {
      retrieve(t, feature, ask, rng.int(1, 3));
      if (t.failure !== null) return;
      t.feature(
        { feature: modelFeature('chat-completion-api', feature.model), variant: null, consumer },
        () => {
          chatCall(t, { name: 'Generate answer', model: feature.model, ask, say });
          return null;
        },
      );
    });
    if (t.failure !== null) return { question: ask, answer: null };
    if (rng.chance(0.2)) {
      // The answer is out; it is classified a while later, under a root of its own.
      t.pass(200, 5000);
      t.within('Post-process answer', () => {
        chatCall(t, {
          name: 'Classify answer',
          model: 'OPENAI_GPT-4O-MINI',
          ask,
          say: '{"topic":"x"}',
          tokens: [5, 40],
        });
      });
      // What comes after the answer cannot spoil it.
      t.recover();
    }
    return ragExtra(rng, { language, ask, say });
  });
}

/**
 * @param {TraceBuilder} t
 * @param {Entry} entry
 */
export function retrievalRequest(t, entry) {
  const ask = question(t.rng, pickLanguage(t.rng));
  t.feature(entry, () => {
    t.within('Executing Retrieval Tool', () => {
      retrieve(t, entry.feature, ask, t.rng.int(1, 3));
    });
    return { question: ask };
  });
}

/**
 * A model called by itself: one span, plus its retries.
 * @param {TraceBuilder} t
 * @param {Entry} entry
 */
export function modelRequest(t, entry) {
  const { rng } = t;
  const { type, model } = entry.feature;
  const language = pickLanguage(rng);
  const ask = question(rng, language);
  t.feature(entry, () => {
    if (type === 'embedding-api') embedCall(t, model, ask);
    else if (type === 'reranking-api') rerankCall(t, model, ask);
    else chatCall(t, { name: 'Chat completion', model, ask, say: answer(rng, language), tokens: [5, 700] });
    return null;
  });
}
