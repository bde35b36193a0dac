import { describe, expect, it } from '@jest/globals';
import { type Document, ObjectId } from 'bson';
import { createMapper } from '../../../src/import/mapper.js';
import { providers } from '../../../src/import/mappings/providers.js';

const ID = new ObjectId('65cd6db93a8d335865cd6db9');
const CREATED = new Date('2024-01-02T03:04:05.678Z');
const CHANGED = new Date('2024-02-03T04:05:06.789Z');

function map(document: Document): Record<string, unknown> {
  const result = createMapper(providers)(document, () => undefined);
  if ('problems' in result) throw new Error(result.problems.map(({ reason }) => reason).join('; '));
  return result.mapped.row;
}

const SAME = {
  id: 'a0cd6ad7-3524-53b5-8fbc-0d54a67675f4',
  sourceId: ID.toHexString(),
  name: 'OpenAI',
  systemName: 'OPENAI',
  type: 'openai',
  endpoint: 'https://api.example',
  connectionConfig: '{"timeout":5}',
  secretsEncrypted: 'gAAAA',
  createdAt: CREATED,
  createdBy: 'ann',
  updatedAt: CHANGED,
  updatedBy: 'bob',
};
const COMMON = {
  _id: ID,
  name: 'OpenAI',
  type: 'openai',
  endpoint: 'https://api.example',
  connection_config: { timeout: 5 },
  secrets_encrypted: 'gAAAA',
};

describe('providers', () => {
  it('as they are written now', () => {
    const row = map({
      ...COMMON,
      system_name: 'OPENAI',
      created_at: CREATED,
      created_by: 'ann',
      updated_at: CHANGED,
      updated_by: 'bob',
    });
    expect(row).toMatchObject({ ...SAME, extra: null });
  });

  it('as they were written, with _metadata and without a system name', () => {
    const row = map({
      ...COMMON,
      _metadata: { created_at: CREATED, created_by: 'ann', modified_at: CHANGED, modified_by: 'bob' },
    });
    expect(row).toMatchObject({ ...SAME, extra: null });
  });

  it('with both: the new fields count, and the old ones are kept', () => {
    const older = new Date(0);
    const row = map({
      ...COMMON,
      system_name: 'OPENAI',
      created_at: CREATED,
      updated_at: CHANGED,
      _metadata: { created_at: older, created_by: 'ann', modified_by: 'bob', version: 3 },
    });
    expect(row).toMatchObject(SAME);
    expect(JSON.parse(String(row['extra']))).toEqual({
      _metadata: { created_at: { $date: '1970-01-01T00:00:00.000Z' }, version: 3 },
    });
  });

  it('have times as text, too', () => {
    expect(map({ ...COMMON, created_at: '2024-01-02 03:04:05.678' })['createdAt']).toEqual(CREATED);
  });
});
