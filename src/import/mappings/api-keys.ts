import { ApiKey } from '../../entities/api-key.js';
import type { Mapping } from '../mapping.js';

export const apiKeys: Mapping = {
  collection: 'api_keys',
  entity: ApiKey,
  id: 'derived',
  // Not `created_at`: a key that is revoked later must not be missed.
  cursor: ['updated_at'],
};
