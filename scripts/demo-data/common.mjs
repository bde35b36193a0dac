import { daysAgo } from './clock.mjs';

/** @typedef {import('bson').Document} Doc */
/** @typedef {import('./prng.mjs').Rng} Rng */
/** @typedef {import('./ids.mjs').IdFactory} IdFactory */

/** @typedef {{rng: Rng, ids: IdFactory}} Sources where random draws and ids come from */

const ADMINS = ['admin@example.com', 'Олена Коваль', 'j.müller@example.com', 'système'];

/**
 * A configured document in either shape the platform left behind: with `created_at`/`updated_at`, or,
 * on older documents, with `_metadata`. The `_id` is as old as the document.
 * @param {Sources} sources
 * @param {Doc} body
 * @param {{old?: boolean}} [options]
 * @returns {Doc}
 */
export function configured({ rng, ids }, body, { old = false } = {}) {
  const age = old ? rng.int(300, 700) : rng.int(45, 250);
  const created = daysAgo(age + rng.float());
  const modified = daysAgo(rng.int(1, 44) + rng.float());
  const stamps = old
    ? {
        _metadata: {
          created_at: created,
          modified_at: modified,
          created_by: rng.pick(ADMINS),
          modified_by: rng.chance(0.3) ? null : rng.pick(ADMINS),
        },
      }
    : { created_at: created, updated_at: modified };
  return { _id: ids.objectId(created), ...body, ...stamps };
}

/**
 * Text that looks like what the platform's encryption leaves. There is nothing inside.
 * @param {Rng} rng
 */
export function opaqueSecret(rng) {
  return `gAAAAA${Buffer.from(rng.hex(120), 'hex').toString('base64url')}==`;
}
