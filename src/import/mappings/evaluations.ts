import { Evaluation } from '../../entities/evaluation.js';
import { EvaluationResult } from '../../entities/evaluation-result.js';
import { EvaluationSet } from '../../entities/evaluation-set.js';
import { Job } from '../../entities/job.js';
import { type Mapping, refersTo } from '../mapping.js';
import { CONFIGURED_CURSOR } from './configured.js';

/**
 * Runs of test sets, with a row for each result. Scores are given after the run, so that the time of the
 * run is no date to go by.
 */
export const evaluations: Mapping = {
  collection: 'evaluations',
  entity: Evaluation,
  id: 'derived',
  cursor: CONFIGURED_CURSOR,
  columns: { jobId: refersTo('jobs', 'job_id') },
  children: [{ entity: EvaluationResult, field: 'results', parent: 'evaluationId' }],
  references: [
    { property: 'jobId', to: Job, toProperty: 'id' },
    { property: 'testSet', child: EvaluationResult, to: EvaluationSet, toProperty: 'systemName' },
  ],
};
