import type { Document } from 'bson';
import type { EntityClass } from '../../database/model/table-model.js';
import { type ColumnSource, from, type Mapping } from '../mapping.js';

/** Common to all that admins configure: older documents keep who and when under `_metadata`. */
const CONFIGURED_COLUMNS: Record<string, ColumnSource> = {
  createdAt: from('created_at', '_metadata.created_at'),
  createdBy: from('created_by', '_metadata.created_by'),
  updatedAt: from('updated_at', '_metadata.modified_at'),
  updatedBy: from('updated_by', '_metadata.modified_by'),
};

const CONFIGURED_CURSOR = ['updated_at', '_metadata.modified_at'] as const;

/**
 * Gives a document without a system name one made of its first name that is there: upper case, runs of
 * other characters than letters and digits become `_`.
 */
export function withSystemName(...nameFields: string[]): (document: Document) => Document {
  return (document) => {
    if ((document['system_name'] ?? null) !== null) return document;
    const name = nameFields
      .map((field): unknown => document[field])
      .find((value) => typeof value === 'string' && value !== '');
    if (typeof name !== 'string') return document;
    const systemName = name
      .toUpperCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
      .replaceAll(/^_+|_+$/g, '');
    return systemName === '' ? document : { ...document, system_name: systemName };
  };
}

/** The mapping of what admins configure; for one collection it is completed with what is special to it. */
export function configured(collection: string, entity: EntityClass): Mapping {
  return {
    collection,
    entity,
    id: 'derived',
    cursor: CONFIGURED_CURSOR,
    upgrade: withSystemName('name'),
    columns: CONFIGURED_COLUMNS,
  };
}
