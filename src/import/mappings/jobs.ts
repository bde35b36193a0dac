import { Job } from '../../entities/job.js';
import { copyOf, from, type Mapping } from '../mapping.js';
import { CONFIGURED_CURSOR } from './configured.js';

/** The scheduler's store. */
export const jobs: Mapping = {
  collection: 'jobs',
  entity: Job,
  id: 'derived',
  cursor: CONFIGURED_CURSOR,
  columns: {
    name: copyOf('definition.name'),
    jobType: copyOf('definition.job_type'),
    timezone: copyOf('definition.timezone'),
    createdAt: from('created_at', '_metadata.created_at'),
    updatedAt: from('updated_at', '_metadata.modified_at'),
  },
};
