import { type ColumnSource, from } from '../mapping.js';

/** Common to all that admins configure: older documents keep who and when under `_metadata`. */
export const CONFIGURED_COLUMNS: Record<string, ColumnSource> = {
  createdAt: from('created_at', '_metadata.created_at'),
  createdBy: from('created_by', '_metadata.created_by'),
  updatedAt: from('updated_at', '_metadata.modified_at'),
  updatedBy: from('updated_by', '_metadata.modified_by'),
};

export const CONFIGURED_CURSOR = ['updated_at', '_metadata.modified_at'] as const;
