import { describe, expect, it } from '@jest/globals';
import { ObjectId } from 'bson';
import { createMapper } from '../../../src/import/mapper.js';
import { metrics } from '../../../src/import/mappings/metrics.js';

describe('metrics', () => {
  it('keep their id, and have a cost that is no float', () => {
    const start = new Date('2025-08-07T11:54:39.327Z');
    const result = createMapper(metrics)(
      {
        _id: new ObjectId('65cd6db93a8d335865cd6db9'),
        feature_type: 'rag-tool',
        start_time: start,
        cost: 0.00591,
        x_attributes: { 'org-id': 'a' },
        extra_data: { is_answered: true },
        unheard_of: 1,
      },
      () => undefined,
    );
    expect(result).toMatchObject({
      mapped: {
        row: {
          id: '65cd6db93a8d335865cd6db9',
          featureType: 'rag-tool',
          startTime: start,
          cost: '0.00591',
          xAttributes: '{"org-id":"a"}',
          extraData: '{"is_answered":true}',
          extra: '{"unheard_of":1}',
        },
        children: [],
      },
    });
  });

  it('without type or start are no rows', () => {
    expect(createMapper(metrics)({ _id: 1 }, () => undefined)).toMatchObject({
      problems: [{ reason: 'feature_type is missing' }, { reason: 'start_time is missing' }],
    });
  });
});
