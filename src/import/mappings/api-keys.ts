import { ApiKey } from '../../entities/api-key.js';
import { from, type Mapping } from '../mapping.js';
import { CONFIGURED_CURSOR } from './configured.js';

/** Keys of callers, of which there is only the hash. */
export const apiKeys: Mapping = {
  collection: 'api_keys',
  entity: ApiKey,
  id: 'derived',
  cursor: CONFIGURED_CURSOR,
  columns: {
    createdAt: from('created_at', '_metadata.created_at'),
    updatedAt: from('updated_at', '_metadata.modified_at'),
  },
};
