import { EvaluationSet } from '../../entities/evaluation-set.js';
import type { Mapping } from '../mapping.js';
import { CONFIGURED_COLUMNS, CONFIGURED_CURSOR, withSystemName } from './configured.js';

export const evaluationSets: Mapping = {
  collection: 'evaluation_sets',
  entity: EvaluationSet,
  id: 'derived',
  cursor: CONFIGURED_CURSOR,
  upgrade: withSystemName('name'),
  columns: CONFIGURED_COLUMNS,
};
