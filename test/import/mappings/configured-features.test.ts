import { describe, expect, it } from '@jest/globals';
import { ObjectId } from 'bson';
import { derivedIdOf } from '../../../src/import/source-id.js';
import { rowOf } from './reading.js';

const ID = new ObjectId('65cd6db93a8d335865cd6db9');
const CREATED = new Date('2024-01-02T03:04:05.678Z');
const CHANGED = new Date('2024-02-03T04:05:06.789Z');
const WITH_VARIANTS = ['prompts', 'rag_tools', 'retrieval_tools', 'agents', 'api_tools'];
const CONFIGURED = [
  ...WITH_VARIANTS,
  'ai_apps',
  'api_servers',
  'mcp_servers',
  'evaluation_sets',
  'collections',
];

describe.each(CONFIGURED)('%s', (collection) => {
  const common = {
    id: derivedIdOf(collection, ID),
    sourceId: ID.toHexString(),
    systemName: 'ONE',
    name: 'One',
    description: '',
    category: 'Support',
    createdAt: CREATED,
    updatedAt: CHANGED,
    extra: null,
  };
  const document = { _id: ID, name: 'One', description: '', system_name: 'ONE', category: 'Support' };

  it('as they are written now', () => {
    const row = rowOf(collection, { ...document, created_at: CREATED, updated_at: CHANGED });
    expect(row).toMatchObject({ ...common, createdBy: null, updatedBy: null });
  });

  it('as they were written, with `_metadata`', () => {
    const row = rowOf(collection, {
      ...document,
      _metadata: { created_at: CREATED, modified_at: CHANGED, created_by: 'a', modified_by: 'b' },
    });
    expect(row).toMatchObject({ ...common, createdBy: 'a', updatedBy: 'b' });
  });

  it('without a system name get one of their name', () => {
    expect(rowOf(collection, { _id: ID, name: 'Help center, 2' })['systemName']).toBe('HELP_CENTER_2');
  });
});

describe.each(WITH_VARIANTS)('variants of %s', (collection) => {
  const document = { _id: ID, system_name: 'ONE' };

  it('are kept whole', () => {
    const variants = [{ variant: 'variant_1', text: 'a', maxTokens: null }, { variant: 'variant_2' }];
    expect(rowOf(collection, { ...document, active_variant: 'variant_2', variants })).toMatchObject({
      activeVariant: 'variant_2',
      variants: JSON.stringify(variants),
      extra: null,
    });
  });

  it('must have names of their own', () => {
    const twice = { ...document, variants: [{ variant: 'a' }, { variant: 'a' }] };
    expect(() => rowOf(collection, twice)).toThrow('must be a list of objects, each with its own name');
  });
});

describe('what only some have', () => {
  const document = { _id: ID, system_name: 'ONE' };

  it('agents: channels', () => {
    expect(rowOf('agents', { ...document, channels: { web: { enabled: true } } })).toMatchObject({
      channels: '{"web":{"enabled":true}}',
      extra: null,
    });
  });

  it('AI apps: settings and tabs', () => {
    expect(rowOf('ai_apps', { ...document, settings: { theme: 'rtl' }, tabs: [] })).toMatchObject({
      settings: '{"theme":"rtl"}',
      tabs: '[]',
      extra: null,
    });
  });

  it('API tools: the operation', () => {
    const operation = {
      api_provider: 'CRM',
      path: '/orders/{id}',
      method: 'GET',
      mock: { enabled: true },
      original_parameters: { id: {} },
      original_operation_definition: { operationId: 'get' },
    };
    expect(rowOf('api_tools', { ...document, ...operation })).toMatchObject({
      apiProvider: 'CRM',
      path: '/orders/{id}',
      method: 'GET',
      mock: '{"enabled":true}',
      originalParameters: '{"id":{}}',
      originalOperationDefinition: '{"operationId":"get"}',
      extra: null,
    });
  });

  it('API servers: how to reach them, and secrets', () => {
    const server = {
      url: 'https://crm.example.com',
      custom_headers: { 'X-Tenant': 'demo' },
      security_scheme: { type: 'http' },
      security_values: { token: '{T}' },
      verify_ssl: false,
      tools: [{ name: 'a' }],
      secrets_encrypted: 'gAAAA==',
    };
    expect(rowOf('api_servers', { ...document, ...server })).toMatchObject({
      url: 'https://crm.example.com',
      customHeaders: '{"X-Tenant":"demo"}',
      securityScheme: '{"type":"http"}',
      securityValues: '{"token":"{T}"}',
      verifySsl: false,
      tools: '[{"name":"a"}]',
      secretsEncrypted: 'gAAAA==',
      extra: null,
    });
  });

  it('MCP servers: how to reach them, and secrets', () => {
    const server = { transport: 'sse', url: 'https://m', headers: {}, tools: null, secrets_encrypted: 's' };
    expect(rowOf('mcp_servers', { ...document, ...server })).toMatchObject({
      transport: 'sse',
      url: 'https://m',
      headers: '{}',
      tools: null,
      secretsEncrypted: 's',
      extra: null,
    });
  });

  it('evaluation sets: items', () => {
    const items = [{ user_input: 'a', expected_result: 'b', metadata_filter: null }];
    expect(rowOf('evaluation_sets', { ...document, type: 'rag_tool', items })).toMatchObject({
      items: JSON.stringify(items),
      extra: '{"type":"rag_tool"}',
    });
  });
});
