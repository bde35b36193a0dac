import { describe, expect, it } from '@jest/globals';
import type { Document } from 'bson';
import { createMapper, type MappedDocument } from '../../../src/import/mapper.js';
import { traces } from '../../../src/import/mappings/traces.js';

const ID = '0af7651916cd43dd8448eb211c80319c';

function map(fields: Document): MappedDocument {
  const document = { _id: ID, start_time: new Date(0), ...fields };
  const result = createMapper(traces)(document, () => undefined);
  if ('problems' in result) throw new Error(result.problems.map(({ reason }) => reason).join('; '));
  return result.mapped;
}

const SPAN = {
  id: 'd8381e5d84233b06',
  parent_id: '65cd6db93a8d3358',
  prompt_template: { name: 'TICKET_SUMMARY', display_name: 'Ticket Summary', variant: 'variant_2' },
  model: { name: 'OPENAI_GPT-4O', provider: 'openai' },
  input: [{ role: 'user', content: '…' }],
  output: 'plain text',
  usage_details: {
    input: 856,
    input_details: { standard: 800, cached: 56 },
    output: 377,
    output_details: { standard: 300, reasoning: 77 },
    total: 1233,
  },
  cost_details: { total: 0.00591 },
};

describe('traces', () => {
  it('copy out of their spans what reports look for', () => {
    const { row, children } = map({ spans: [SPAN], cost_details: { chat: 0.00591, total: 0.00591 } });
    expect(row).toMatchObject({ id: ID, sourceId: ID, costTotal: '0.00591' });
    expect(children[0]?.rows).toEqual([
      expect.objectContaining({
        traceId: ID,
        promptTemplateName: 'TICKET_SUMMARY',
        promptTemplateVariant: 'variant_2',
        modelName: 'OPENAI_GPT-4O',
        modelProvider: 'openai',
        tokensInput: 856,
        tokensCached: 56,
        tokensOutput: 377,
        tokensReasoning: 77,
        tokensTotal: 1233,
        costTotal: '0.00591',
        output: '"plain text"',
        extra: null,
      }),
    ]);
    for (const field of ['prompt_template', 'model', 'usage_details', 'cost_details'] as const) {
      const property = field.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
      expect(JSON.parse(String(children[0]?.rows[0]?.[property]))).toEqual(SPAN[field]);
    }
  });

  it.each<[Document, string | null]>([
    [{ extra_data: { params: { system_name: 'A' } } }, 'A'],
    [{ type: 'prompt-template', spans: [{ id: 'a' }, SPAN] }, 'TICKET_SUMMARY'],
    [{ type: 'prompt-template', extra_data: { params: { system_name: 'A' } }, spans: [SPAN] }, 'A'],
    [{ type: 'prompt-template', spans: [{ id: 'a', prompt_template: null }] }, null],
    [{ type: 'prompt-template', spans: [{ id: 'a', prompt_template: 'X' }] }, null],
    [{ type: 'prompt-template' }, null],
    // The spans of other traces name the templates below them.
    [{ type: 'agent', spans: [SPAN] }, null],
    [{}, null],
  ])('of %j have the right system name', (fields, systemName) => {
    expect(map(fields).row['featureSystemName']).toBe(systemName);
  });

  it('may have spans of which next to nothing is known', () => {
    const { children } = map({ spans: [{ id: 'a', model: null, usage_details: null, cost_details: null }] });
    expect(children[0]?.rows[0]).toMatchObject({
      id: 'a',
      startTime: null,
      modelName: null,
      tokensTotal: null,
    });
  });
});
