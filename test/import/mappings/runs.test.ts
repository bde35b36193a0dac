import { describe, expect, it } from '@jest/globals';
import { ObjectId } from 'bson';
import { agentConversations } from '../../../src/import/mappings/agent-conversations.js';
import { apiKeys } from '../../../src/import/mappings/api-keys.js';
import { evaluations } from '../../../src/import/mappings/evaluations.js';
import { jobs } from '../../../src/import/mappings/jobs.js';
import { derivedIdOf } from '../../../src/import/source-id.js';
import { mapped, rowOf } from './reading.js';

const ID = new ObjectId('68a3be807e5c15433a00d8ee');
const JOB = new ObjectId('68a26d00f2fc105746004441');
const AT = new Date('2025-08-19T00:12:27.245Z');

describe('evaluations', () => {
  const result = {
    id: 'f441d78a-9467-4ace-92c7-07ee5cb16310',
    model_version: 'gpt-4o/variant_1',
    usage: { prompt_tokens: 1758, completion_tokens: 73 },
    latency: 2041.919,
    generated_output: 'a',
    expected_output: '',
    user_message: 'c',
    test_set: 'SMOKE',
    iteration: 1,
    score: 5,
    evaluated_at: AT,
  };
  const document = {
    _id: ID,
    job_id: JOB.toHexString(),
    type: 'rag_tool',
    test_sets: ['SMOKE'],
    started_at: AT,
    finished_at: null,
    status: 'in_progress',
    errors: [],
    tool: { system_name: 'RAG' },
    results: [result, { id: 'second', score: null, comment: 'unheard of' }],
  };

  it('become a row, and one for each result', () => {
    const { row, children } = mapped(evaluations, document);
    const id = derivedIdOf('evaluations', ID);
    expect(row).toMatchObject({
      id,
      jobId: derivedIdOf('jobs', JOB),
      type: 'rag_tool',
      testSets: '["SMOKE"]',
      startedAt: AT,
      finishedAt: null,
      errors: '[]',
      tool: '{"system_name":"RAG"}',
      extra: `{"job_id":"${JOB.toHexString()}"}`,
    });
    expect(children[0]?.rows).toMatchObject([
      {
        evaluationId: id,
        id: result.id,
        position: 0,
        modelVersion: 'gpt-4o/variant_1',
        usage: '{"prompt_tokens":1758,"completion_tokens":73}',
        latency: 2041.919,
        generatedOutput: 'a',
        expectedOutput: '',
        userMessage: 'c',
        testSet: 'SMOKE',
        iteration: 1,
        score: 5,
        evaluatedAt: AT,
        extra: null,
      },
      { id: 'second', position: 1, score: null, extra: '{"comment":"unheard of"}' },
    ]);
  });

  it('name their job by its id, in whatever type', () => {
    for (const job_id of [JOB, JOB.toHexString()])
      expect(rowOf(evaluations, { ...document, job_id })['jobId']).toBe(rowOf(jobs, { _id: JOB })['id']);
    expect(rowOf(evaluations, { ...document, job_id: 'nightly' })['jobId']).toBe(
      rowOf(jobs, { _id: 'nightly' })['id'],
    );
    expect(rowOf(evaluations, { ...document, job_id: '' })).toMatchObject({
      jobId: null,
      extra: '{"job_id":""}',
    });
  });

  it('with a result that has no id are no row', () => {
    expect(() => mapped(evaluations, { ...document, results: [{ score: 1 }] })).toThrow(
      'results[0].id is missing',
    );
  });
});

describe('agent conversations', () => {
  const TRACE = new ObjectId('6881f1f32901db6ffe002315');
  const document = {
    _id: ID,
    agent: 'SUPPORT',
    client_id: 'c',
    trace_id: TRACE,
    analytics_id: '6881f1f69efa61d126002317',
    last_user_message_at: AT,
    status: 'Closed',
    variables: { a: 1 },
    messages: [
      { id: 'm1', role: 'user', content: 'Où ?', created_at: AT },
      {
        id: 'm2',
        role: 'assistant',
        content: '',
        topic: 'Pricing',
        copied: true,
        feedback: { type: 'like' },
        custom_feedback: { stars: 5 },
        run: { steps: [{ type: 'classification', started_at: AT }] },
        action_call_requests: [{ id: 1 }],
        action_call_confirmations: [],
        shown: false,
      },
    ],
  };

  it('become a row of their own id, by which metrics name them, and one for each message', () => {
    const { row, children } = mapped(agentConversations, { ...document, created_at: AT, updated_at: AT });
    expect(row).toMatchObject({
      id: ID.toHexString(),
      agent: 'SUPPORT',
      clientId: 'c',
      traceId: TRACE.toHexString(),
      analyticsId: '6881f1f69efa61d126002317',
      createdAt: AT,
      updatedAt: AT,
      lastUserMessageAt: AT,
      status: 'Closed',
      variables: '{"a":1}',
      extra: null,
    });
    expect(children[0]?.rows).toMatchObject([
      { conversationId: ID.toHexString(), id: 'm1', position: 0, role: 'user', content: 'Où ?' },
      {
        id: 'm2',
        position: 1,
        content: '',
        topic: 'Pricing',
        copied: true,
        feedback: '{"type":"like"}',
        customFeedback: '{"stars":5}',
        run: `{"steps":[{"type":"classification","started_at":{"$date":"${AT.toISOString()}"}}]}`,
        actionCallRequests: '[{"id":1}]',
        actionCallConfirmations: '[]',
        extra: '{"shown":false}',
      },
    ]);
  });

  it('as they were written, with `_metadata`', () => {
    const row = rowOf(agentConversations, {
      ...document,
      _metadata: { created_at: AT, modified_at: AT, created_by: 'x' },
    });
    expect(row).toMatchObject({ createdAt: AT, updatedAt: AT, extra: '{"_metadata":{"created_by":"x"}}' });
  });

  it('are read again while they go on without telling when they change', () => {
    expect(agentConversations.unfinished?.({ status: 'In Progress', last_user_message_at: AT })).toBe(true);
    expect(agentConversations.unfinished?.({ status: 'In Progress', updated_at: AT })).toBe(false);
    expect(agentConversations.unfinished?.({ status: 'Closed' })).toBe(false);
  });
});

describe('jobs', () => {
  it('keep their definition whole, with what is asked for most in columns', () => {
    const definition = {
      name: 'Sync',
      job_type: 'recurring',
      cron: { hour: 2, day_of_week: 0 },
      timezone: 'Europe/Kyiv',
      run_configuration: { type: 'sync_collection', params: {} },
      status: 'Waiting',
    };
    const row = rowOf(jobs, {
      _id: JOB,
      definition,
      status: 'Waiting',
      next_run: '2025-08-23T02:24:00.000000+00:00',
      last_run: null,
    });
    expect(row).toMatchObject({
      id: derivedIdOf('jobs', JOB),
      sourceId: JOB.toHexString(),
      name: 'Sync',
      jobType: 'recurring',
      status: 'Waiting',
      timezone: 'Europe/Kyiv',
      definition: JSON.stringify(definition),
      nextRun: new Date('2025-08-23T02:24:00Z'),
      lastRun: null,
      extra: null,
    });
  });
});

describe('API keys', () => {
  const hash = '72c529104856a8a02555b3bdf1976dadae829d2b7fe5a893a20b3fde919ca370';

  it('are known by their hash', () => {
    const key = { name: 'SUPPORT', value_masked: 'demo-***4ea6', is_active: true, notes: 'desk' };
    expect(rowOf(apiKeys, { _id: ID, ...key, hash, expires_at: null, created_at: AT })).toMatchObject({
      id: derivedIdOf('api_keys', ID),
      name: 'SUPPORT',
      hash,
      valueMasked: 'demo-***4ea6',
      expiresAt: null,
      isActive: true,
      notes: 'desk',
      createdAt: AT,
      extra: null,
    });
  });

  it('without a hash are no row, and the message does not show one that is wrong', () => {
    expect(() => rowOf(apiKeys, { _id: ID })).toThrow('hash is missing');
    expect(() => rowOf(apiKeys, { _id: ID, hash: 'SECRET' })).toThrow(/^(?!.*SECRET).*hash/);
  });
});
