import { describe, expect, it } from '@jest/globals';
import { type Document, ObjectId } from 'bson';
import { mappingFor } from '../../../src/import/mappings/all-mappings.js';
import { collections } from '../../../src/import/mappings/collections.js';
import { derivedIdOf } from '../../../src/import/source-id.js';
import { rowOf } from './reading.js';

const ID = new ObjectId('67646f2593242e1e58005d24');
const JOB = new ObjectId('6859ea805224d83084004440');
const map = (document: Document): Record<string, unknown> =>
  rowOf(collections, { _id: ID, system_name: 'HELP', ...document });

describe('collections', () => {
  it('as they are written now', () => {
    const row = map({
      provider_system_name: 'OPENAI',
      type: 'documents',
      ai_model: 'EMBEDDING',
      source: { source_type: 'Confluence' },
      chunking: { chunk_size: 1500 },
      indexing: { semantic_search_supported: true },
      metadata_config: [{ name: 'title' }],
      last_synced: '2025-08-22T02:30:41.118+00:00',
      job_id: JOB.toHexString(),
    });
    expect(row).toMatchObject({
      id: derivedIdOf('collections', ID),
      providerSystemName: 'OPENAI',
      type: 'documents',
      aiModel: 'EMBEDDING',
      source: '{"source_type":"Confluence"}',
      chunking: '{"chunk_size":1500}',
      indexing: '{"semantic_search_supported":true}',
      metadataConfig: '[{"name":"title"}]',
      lastSynced: new Date('2025-08-22T02:30:41.118Z'),
      jobId: derivedIdOf('jobs', JOB),
      extra: `{"job_id":"${JOB.toHexString()}"}`,
    });
  });

  it('as they were written: `model`, and the settings of the source at the top level', () => {
    const settings = {
      source_type: 'Sharepoint',
      file_url: ['a', 'b'],
      sharepoint_site_url: 's',
      sharepoint_recursive: true,
      confluence_space: 'C',
      oracle_knowledge_url: 'o',
      fluid_topics_search_filters: [],
      object_api_name: null,
      output_config: ['title'],
    };
    const row = map({ model: 'ADA', ...settings, job_id: null });
    expect(row).toMatchObject({
      aiModel: 'ADA',
      source: JSON.stringify(settings),
      jobId: null,
      extra: null,
    });
  });

  it('with settings in both places keep both', () => {
    expect(map({ source: { source_type: 'File' }, source_type: 'Old', file_url: 'u' })).toMatchObject({
      source: '{"source_type":"File","file_url":"u"}',
      extra: '{"source_type":"Old"}',
    });
    expect(map({ source: 'text', file_url: 'u' })).toMatchObject({
      source: '"text"',
      extra: '{"file_url":"u"}',
    });
  });

  it('without a system name get one of their name', () => {
    expect(map({ system_name: undefined, name: 'Alte Handbucher, 2023' })['systemName']).toBe(
      'ALTE_HANDBUCHER_2023',
    );
  });

  it('never synchronised have no time', () => {
    expect(map({ last_synced: null })['lastSynced']).toBeNull();
    expect(map({ last_synced: '' })['lastSynced']).toBeNull();
  });
});

describe('chunks', () => {
  const chunksOf = (name: string): Record<string, unknown> =>
    rowOf(mappingFor(name)!, { _id: ID, content: 'text', metadata: { n: 1 }, embedding: [0.5, -1, 2] });

  it.each([
    ['documents_67646f2593242e1e58005d24', ID],
    ['documents_e0985065_f641_4c6a_8ade_73e8e79fe27e', 'e0985065-f641-4c6a-8ade-73e8e79fe27e'],
    ['documents_plain', 'plain'],
  ])('of %s belong to the source that is named there', (name, id) => {
    expect(chunksOf(name)).toMatchObject({
      id: derivedIdOf(name, ID),
      sourceId: ID.toHexString(),
      knowledgeSourceId: rowOf(collections, { _id: id, system_name: 'X' })['id'],
      content: 'text',
      metadata: '{"n":1}',
      embedding: '[0.5,-1,2]',
      extra: null,
    });
  });

  it('of two collections with one id are two rows', () => {
    expect(chunksOf('documents_a')['id']).not.toBe(chunksOf('documents_b')['id']);
  });

  it('keep a field that is called as their column', () => {
    const row = rowOf(mappingFor('documents_a')!, { _id: ID, knowledge_source_id: 'mine' });
    expect(row).toMatchObject({
      knowledgeSourceId: derivedIdOf('collections', 'a'),
      extra: '{"knowledge_source_id":"mine"}',
    });
  });
});
