import { EvaluationResult } from '../../entities/evaluation-result.js';
import { EvaluationSet } from '../../entities/evaluation-set.js';
import { Evaluation } from '../../entities/evaluation.js';
import { Job } from '../../entities/job.js';
import { type Mapping, referenceTo } from '../mapping.js';
import { configured } from './configured.js';

export const evaluationSets: Mapping = configured('evaluation_sets', EvaluationSet);

export const evaluations: Mapping = {
  collection: 'evaluations',
  entity: Evaluation,
  id: 'derived',
  cursor: ['started_at'],
  unfinished: {
    fields: ['finished_at'],
    holds: ({ finished_at }) => (finished_at ?? null) === null,
  },
  columns: { jobId: referenceTo('jobs', 'job_id') },
  children: [{ entity: EvaluationResult, field: 'results', parent: 'evaluationId' }],
  references: [
    { property: 'jobId', to: Job, toProperty: 'id' },
    { property: 'testSet', child: EvaluationResult, to: EvaluationSet, toProperty: 'systemName' },
  ],
};
