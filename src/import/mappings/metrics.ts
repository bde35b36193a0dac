import { Metric } from '../../entities/metric.js';
import type { Mapping } from '../mapping.js';

export const metrics: Mapping = {
  collection: 'metrics',
  entity: Metric,
  id: 'own',
  cursor: ['start_time'],
};
