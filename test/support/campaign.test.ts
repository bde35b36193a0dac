import { afterEach, describe, expect, it } from '@jest/globals';
import { campaign } from './campaign.js';

describe('campaign', () => {
  const before = process.env['DBTOOL_TEST_CAMPAIGN'];
  afterEach(() => {
    if (before === undefined) delete process.env['DBTOOL_TEST_CAMPAIGN'];
    else process.env['DBTOOL_TEST_CAMPAIGN'] = before;
  });

  it.each([
    [undefined, 500, 50],
    [undefined, 3, 1],
    ['1', 500, 500],
    ['0.5', 9, 5],
  ])('with share %s runs of %d cases %d', (share, full, expected) => {
    if (share === undefined) delete process.env['DBTOOL_TEST_CAMPAIGN'];
    else process.env['DBTOOL_TEST_CAMPAIGN'] = share;
    expect(campaign(full)).toBe(expected);
  });

  it('refuses a share that would run nothing', () => {
    process.env['DBTOOL_TEST_CAMPAIGN'] = 'many';
    expect(() => campaign(10)).toThrow('DBTOOL_TEST_CAMPAIGN');
  });
});
