import { describe, expect, it } from '@jest/globals';
import { Decimal128, type Document, ObjectId } from 'bson';
import { createMapper, type MapResult } from '../../../src/import/mapper.js';
import { models } from '../../../src/import/mappings/models.js';

const ID = new ObjectId('65cd6db93a8d335865cd6db9');
const attempt = (document: Document): MapResult =>
  createMapper(models)({ _id: ID, ...document }, () => undefined);

function map(document: Document): Record<string, unknown> {
  const result = attempt(document);
  if ('problems' in result) throw new Error(result.problems.map(({ reason }) => reason).join('; '));
  return result.mapped.row;
}

describe('models', () => {
  it('as they are written now', () => {
    const row = map({
      system_name: 'GPT_4O',
      provider_system_name: 'OPENAI',
      ai_model: 'gpt-4o',
      type: 'prompts',
      json_mode: true,
      is_default: false,
      price_input: '2.50',
      price_standard_input_unit_count: 1_000_000,
      price_input_unit_name: 'tokens',
      configs: { max_tokens: 5 },
    });
    expect(row).toMatchObject({
      systemName: 'GPT_4O',
      providerSystemName: 'OPENAI',
      aiModel: 'gpt-4o',
      jsonMode: true,
      isDefault: false,
      isActive: null,
      priceInput: '2.5',
      priceStandardInputUnitCount: 1_000_000,
      configs: '{"max_tokens":5}',
      extra: null,
    });
  });

  it('as they were written, with `model`', () => {
    expect(map({ system_name: 'A', model: 'gpt-4o' })).toMatchObject({ aiModel: 'gpt-4o', extra: null });
    const both = map({ system_name: 'A', ai_model: 'gpt-4o', model: 'old' });
    expect(both).toMatchObject({ aiModel: 'gpt-4o', extra: '{"model":"old"}' });
  });

  it.each([
    [{ name: 'GPT 4o' }, 'GPT_4O'],
    [{ display_name: 'GPT 4o' }, 'GPT_4O'],
    [{ ai_model: 'gpt-4o' }, 'GPT_4O'],
    [{ model: 'gpt-4o' }, 'GPT_4O'],
  ])('of %j get a system name', (document, systemName) => {
    expect(map(document)['systemName']).toBe(systemName);
  });

  it('without any name are no row', () => {
    expect(attempt({})).toMatchObject({ problems: [{ reason: 'system_name is missing' }] });
  });

  it.each([
    ['0.00000250', '0.0000025'],
    [2.5e-6, '0.0000025'],
    [Decimal128.fromString('2.50E-6'), '0.0000025'],
    [0, '0'],
    // No price, which is not the price 0.
    ['', null],
    [null, null],
    [undefined, null],
  ])('have the price %j as %j', (price, canonical) => {
    expect(map({ system_name: 'A', price_output: price })['priceOutput']).toBe(canonical);
  });

  it.each([
    ['price_input', 'free', 'price_input must be an amount of money, not the text "free"'],
    [
      'price_input',
      '12345678901',
      'price_input must be a decimal of at most 10 digits before and 10 after the point',
    ],
    ['price_standard_input_unit_count', 0, 'price_standard_input_unit_count must not be less than 1'],
    [
      'price_standard_input_unit_count',
      0.5,
      'price_standard_input_unit_count must be a whole number, not the number 0.5',
    ],
    [
      'price_standard_input_unit_count',
      2 ** 31,
      'price_standard_input_unit_count must not be greater than 2147483647',
    ],
  ])('refuse a %s of %j', (field, value, problem) => {
    expect(attempt({ system_name: 'A', [field]: value })).toMatchObject({ problems: [{ reason: problem }] });
  });
});
