import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Output } from '../../src/cli/output.js';
import { createProgress, duration } from '../../src/cli/progress.js';

describe('plain progress', () => {
  let lines: string[];

  beforeEach(() => {
    lines = [];
    jest.useFakeTimers();
    jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      lines.push(String(chunk));
      return true;
    });
  });

  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('says every thirty seconds how many, how fast and how long still', async () => {
    const progress = createProgress(new Output({ json: false, verbose: false }));
    await progress.start('Importing', 1000);
    for (let second = 1; second <= 75; second++) {
      jest.advanceTimersByTime(1000);
      progress.update(second * 10);
    }
    progress.succeed('Done');
    progress.update(999);
    expect(lines).toEqual([
      'Importing: 300 of 1,000 (30%), 10/s, 2 min left\n',
      'Importing: 600 of 1,000 (60%), 10/s, 40 s left\n',
      'Done\n',
    ]);
  });

  it('says so too when each of many stretches is shorter than that', async () => {
    const progress = createProgress(new Output({ json: false, verbose: false }));
    for (const name of ['first', 'second', 'third', 'fourth']) {
      await progress.start(name);
      jest.advanceTimersByTime(12_000);
      progress.update(12);
      progress.stop();
    }
    expect(lines).toEqual(['third: 12, 1/s\n']);
  });

  it('does without a total, and says nothing under --json', async () => {
    for (const json of [false, true]) {
      const progress = createProgress(new Output({ json, verbose: false }));
      await progress.start('Reading');
      jest.advanceTimersByTime(40_000);
      progress.update(50_000);
      progress.fail('Broke off');
    }
    expect(lines).toEqual(['Reading: 50,000, 1,250/s\n', 'Broke off\n']);
  });
});

describe('duration', () => {
  it.each([
    [0.2, '1 s'],
    [59, '59 s'],
    [61, '2 min'],
    [3600, '1 h 0 min'],
    [12_000, '3 h 20 min'],
  ])('%d s is %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});
