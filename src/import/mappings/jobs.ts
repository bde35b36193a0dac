import { Job } from '../../entities/job.js';
import { copyOf, from, type Mapping } from '../mapping.js';

export const jobs: Mapping = {
  collection: 'jobs',
  entity: Job,
  id: 'derived',
  cursor: ['updated_at'],
  columns: {
    name: copyOf('definition.name'),
    jobType: copyOf('definition.job_type'),
    // Of the job as it runs; before its first run there is only that of its definition.
    status: from('status', 'definition.status'),
    timezone: copyOf('definition.timezone'),
  },
};
