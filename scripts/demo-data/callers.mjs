import { ACTIVE_KEYS } from './integrations.mjs';

/** @typedef {import('./prng.mjs').Rng} Rng */

/**
 * Who sends a request and by which way it comes in.
 * @typedef {object} Caller
 * @property {string | null} userId
 * @property {string} channel
 * @property {string | null} source
 * @property {{name: string | null, type: string | null}} consumer
 * @property {Record<string, string> | null} attributes the metric's x_attributes
 */

/** Twelve users; how their names look is the point. */
const USERS = [
  'anna.kowalska@example.com',
  "sean.o'brien@example.com",
  'j.müller@example.com',
  'Иван Петров',
  '王小明',
  'محمد علي',
  'प्रिया शर्मा',
  'Rene\u0301e, "RB" Blanc',
  '20240115',
  '=1+1',
  '0f8fad5b-d9cb-469f-a165-70867728950e',
  'tester 🤖',
];

/** Some users come far more often than others. */
/** @type {[string, number][]} */
const USER_SHARES = USERS.map((user, index) => [user, Math.max(2, 24 - 2 * index)]);

/** @type {[string, number][]} */
const APPS = [
  ['HELP_CENTER_APP', 7],
  ['HELP_CENTER_AR', 2],
];

/** @param {Rng} rng */
function attributes(rng) {
  if (!rng.chance(0.3)) return null;
  return {
    'org-id': rng.pick(['acme', 'globex', 'ООО «Ромашка»', '00042']),
    ...(rng.chance(0.4) ? { 'x-country': rng.pick(['DE', 'UA', 'CN', '']) } : {}),
  };
}

/**
 * @param {Rng} rng
 * @returns {Caller}
 */
function apiCaller(rng) {
  const key = rng.pick(ACTIVE_KEYS);
  return {
    userId: `api_key:${key}`,
    channel: rng.weighted([
      ['production', 95],
      ['staging', 5],
    ]),
    source: 'Runtime API',
    consumer: { name: key, type: 'api_key' },
    attributes: attributes(rng),
  };
}

/**
 * A person at an AI app or, trying things out, in the Admin UI.
 * @param {Rng} rng
 * @returns {Caller}
 */
export function personCaller(rng) {
  const preview = rng.chance(0.16);
  return {
    userId: rng.weighted(USER_SHARES),
    channel: preview ? 'preview' : 'production',
    source: preview ? 'Admin UI' : 'Runtime AI App',
    consumer: preview ? { name: null, type: null } : { name: rng.weighted(APPS), type: 'ai_app' },
    attributes: null,
  };
}

/**
 * @param {Rng} rng
 * @param {number} apiShare the probability that the request comes in with an API key
 * @returns {Caller}
 */
export function pickCaller(rng, apiShare) {
  // Nobody's request: the platform's own jobs leave user, source and consumer open.
  if (rng.chance(0.015)) {
    const nobody = rng.chance(0.5) ? null : '';
    return {
      userId: nobody,
      channel: 'production',
      source: nobody,
      consumer: { name: null, type: null },
      attributes: null,
    };
  }
  return rng.chance(apiShare) ? apiCaller(rng) : personCaller(rng);
}
