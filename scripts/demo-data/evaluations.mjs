import { Decimal128, Long } from 'bson';

import { daysAgo } from './clock.mjs';
import { configured } from './common.mjs';
import { answer, question } from './phrases.mjs';

/** @typedef {import('./common.mjs').Doc} Doc */
/** @typedef {import('./common.mjs').Sources} Sources */

/** @type {[system: string, name: string, languages: string[]][]} */
const SETS = [
  ['RAG_SMOKE', 'RAG smoke test', ['en', 'de']],
  ['HR_QUESTIONS', 'Вопросы HR, "v2"', ['ru', 'en', 'hi']],
  ['EDGE_CASES', 'Edge cases 极端情况', ['zh', 'ar', 'fr']],
];

/** @param {Sources} sources */
export function evaluationSetDocuments(sources) {
  const { rng } = sources;
  return SETS.map(([system, name, languages], index) =>
    configured(
      sources,
      {
        name,
        description: index === 1 ? '' : 'Made for the demo',
        system_name: system,
        type: index === 2 ? 'prompt_template' : 'rag_tool',
        items: Array.from({ length: 6 }, (_, item) => {
          const language = /** @type {string} */ (languages[item % languages.length]);
          return {
            user_input: item === 5 && index === 2 ? '=SUM(A1:A9)' : question(rng, language),
            expected_result: item === 4 ? '' : answer(rng, language),
            ...(item === 3 ? { metadata_filter: null } : {}),
          };
        }),
      },
      { old: index === 0 },
    ),
  );
}

/**
 * One answer of an evaluation. Latency 0 and score 0 are in the data too: the platform writes them
 * where nothing was measured, and its means leave them out.
 * @param {Sources} sources
 * @param {{item: Doc, testSet: string, variant: string, iteration: number, at: Date}} run
 */
function resultOf({ rng }, { item, testSet, variant, iteration, at }) {
  const failed = rng.chance(0.07);
  const prompt = rng.int(300, 2500);
  return {
    id: rng.uuid(),
    ...(rng.chance(0.8) ? { model_version: `gpt-4o-2024-08-06/${variant}` } : {}),
    usage: failed
      ? null
      : {
          prompt_tokens: rng.chance(0.1) ? Long.fromNumber(prompt) : prompt,
          completion_tokens: rng.int(20, 400),
          ...(rng.chance(0.4) ? { prompt_tokens_details: { cached_tokens: rng.int(0, 4) * 128 } } : {}),
        },
    latency: failed
      ? 0
      : rng.chance(0.05)
        ? Decimal128.fromString('1234.567')
        : rng.skewed(600_000, 9_000_000) / 1000,
    generated_output: failed ? null : answer(rng, 'en'),
    expected_output: item.expected_result,
    user_message: item.user_input,
    test_set: testSet,
    iteration,
    ...(rng.chance(0.85) ? { score: failed ? 0 : rng.int(1, 5) } : { score: null }),
    evaluated_at: at,
  };
}

/**
 * Evaluation runs of every status.
 * @param {Sources} sources
 * @param {{sets: readonly Doc[], jobId: import('bson').ObjectId}} links
 */
export function evaluationDocuments(sources, { sets, jobId }) {
  const { rng, ids } = sources;
  const statuses = ['completed', 'completed', 'completed', 'failed', 'in_progress', 'ready'];
  return statuses.map((status, index) => {
    const started = daysAgo(4 + index * 3.3);
    const ended = new Date(started.getTime() + rng.int(40_000, 900_000));
    const set = /** @type {Doc} */ (sets[index % sets.length]);
    const testSet = /** @type {string} */ (set.system_name);
    const runs = status === 'completed' ? 3 : status === 'in_progress' ? 1 : 0;
    const items = /** @type {Doc[]} */ (set.items);
    const variant = `variant_${(index % 2) + 1}`;
    return {
      _id: ids.objectId(started),
      job_id: index === 0 ? String(jobId) : null,
      type: set.type,
      test_sets: [testSet],
      started_at: status === 'ready' ? null : started,
      ...(status === 'in_progress' || status === 'ready' ? {} : { finished_at: ended }),
      status,
      errors: status === 'failed' ? ['429 Too Many Requests', 'Набор «HR» не найден'] : [],
      tool: {
        system_name: 'DEMO_RAG_TOOL',
        name: 'Help Center',
        variant,
        variant_object: { temperature: 0.2 },
      },
      results: Array.from({ length: runs }, (_, run) =>
        items.map((item) => resultOf(sources, { item, testSet, variant, iteration: run + 1, at: ended })),
      ).flat(),
    };
  });
}
