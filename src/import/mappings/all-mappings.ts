import type { Mapping } from '../mapping.js';
import { metrics } from './metrics.js';
import { models } from './models.js';
import { providers } from './providers.js';
import { traces } from './traces.js';

/** Every collection that is imported, in the order of import: what is referred to comes first. */
export const ALL_MAPPINGS: readonly Mapping[] = [providers, models, traces, metrics];
