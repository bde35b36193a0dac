import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Attempt, type SearchPlan, searchServer, withDatabase } from './search.js';

const VARIABLE = 'DBTOOL_TEST_SEARCH_URL';
const RUNNING: Attempt = { url: 'postgres://running', version: '1', origin: 'running' };
const STARTED: Attempt = { url: 'postgres://started', version: '2', origin: 'started' };

function plan(ways: Partial<SearchPlan>): SearchPlan {
  return { kind: 'postgres', variable: VARIABLE, version: () => Promise.resolve('0'), ...ways };
}

describe('searchServer', () => {
  const before = process.env;
  beforeEach(() => {
    process.env = { ...before, DBTOOL_TEST_NO_INSTALL: '1' };
    delete process.env['DBTOOL_TEST_NO_RUNNING'];
  });
  afterEach(() => {
    process.env = before;
  });
  const running = () => Promise.resolve(RUNNING);
  const start = () => Promise.resolve(STARTED);

  it('takes the given URL before all else', async () => {
    process.env[VARIABLE] = 'postgres://given';
    const { server } = await searchServer(plan({ running, start }));
    expect(server).toMatchObject({
      available: true,
      url: 'postgres://given',
      origin: `given by ${VARIABLE}`,
    });
  });

  it('fails when the given URL does not work, rather than test something else', async () => {
    process.env[VARIABLE] = 'postgres://given';
    const refused = plan({ running, start, version: () => Promise.reject(new Error('refused')) });
    await expect(searchServer(refused)).rejects.toThrow(/DBTOOL_TEST_SEARCH_URL is set.*refused/);
  });

  it('takes a running server, or with DBTOOL_TEST_NO_RUNNING starts one', async () => {
    expect((await searchServer(plan({ running, start }))).server).toMatchObject({
      url: 'postgres://running',
    });
    process.env['DBTOOL_TEST_NO_RUNNING'] = '1';
    expect((await searchServer(plan({ running, start }))).server).toMatchObject({
      url: 'postgres://started',
    });
  });

  it('collects the reasons of every way that failed', async () => {
    const { server } = await searchServer(
      plan({
        running: () => Promise.resolve({ reason: 'nobody listens' }),
        start: () => Promise.reject(new Error('disk full')),
        debianPackages: ['postgresql'],
      }),
    );
    expect(server).toEqual({
      available: false,
      kind: 'postgres',
      byUrlOnly: false,
      reason:
        'no DBTOOL_TEST_SEARCH_URL; nobody listens; could not be started: disk full; installing is switched off by DBTOOL_TEST_NO_INSTALL',
    });
  });

  it('marks a kind that only a URL can give', async () => {
    expect((await searchServer(plan({}))).server).toMatchObject({ available: false, byUrlOnly: true });
  });
});

describe('withDatabase', () => {
  it('keeps credentials, port and options', () => {
    expect(withDatabase('mariadb://root:p%40ss@127.0.0.1:3307/mysql?ssl=1', 'mine')).toBe(
      'mariadb://root:p%40ss@127.0.0.1:3307/mine?ssl=1',
    );
  });
});
