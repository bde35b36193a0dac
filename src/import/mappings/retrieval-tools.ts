import type { Document } from 'bson';
import { RetrievalTool } from '../../entities/retrieval-tool.js';
import type { Mapping } from '../mapping.js';
import { CONFIGURED_COLUMNS, CONFIGURED_CURSOR, withSystemName } from './configured.js';

/** Settings that older documents keep at the top level. */
const OLD_SETTINGS = ['retrieve', 'ui_settings', 'language', 'sample_test_set'];
const ONLY_VARIANT = 'variant_1';

/** Older documents have no variants: their settings become those of one, which is active. */
function withVariants(document: Document): Document {
  const variants: unknown = document['variants'] ?? [];
  if (!Array.isArray(variants) || variants.length > 0) return document;
  const isSetting = ([name]: [string, unknown]): boolean => OLD_SETTINGS.includes(name);
  const entries = Object.entries(document);
  const settings = entries.filter(isSetting);
  if (settings.length === 0) return document;
  return {
    ...Object.fromEntries(entries.filter((entry) => !isSetting(entry))),
    active_variant: (document['active_variant'] as unknown) ?? ONLY_VARIANT,
    variants: [{ variant: ONLY_VARIANT, ...Object.fromEntries(settings) }],
  };
}

const named = withSystemName('name');

export const retrievalTools: Mapping = {
  collection: 'retrieval_tools',
  entity: RetrievalTool,
  id: 'derived',
  cursor: CONFIGURED_CURSOR,
  upgrade: (document) => withVariants(named(document)),
  columns: CONFIGURED_COLUMNS,
};
