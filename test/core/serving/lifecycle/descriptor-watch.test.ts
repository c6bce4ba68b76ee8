import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { watchDescriptors } from '../../../../src/core/serving/lifecycle/descriptor-watch.js';
import { createSeldom } from '../../../../src/core/serving/lifecycle/seldom.js';

describe('what is told seldom', () => {
  it('is told at once, and again only after its time', () => {
    let now = 5;
    const maySay = createSeldom(100, () => now);
    expect([maySay(), maySay()]).toEqual([true, false]);
    now = 104;
    expect(maySay()).toBe(false);
    now = 105;
    expect([maySay(), maySay()]).toEqual([true, false]);
  });
});

describe('a process without descriptors', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('says so once a minute, and once when it is over', () => {
    let code: string | null = null;
    const lines: string[] = [];
    const stop = watchDescriptors(({ level, message }) => void lines.push(`${level} ${message.slice(0, 33)}`), {
      probe: () => code,
      now: () => Date.now(),
    });
    jest.advanceTimersByTime(5000);
    expect(lines).toEqual([]);
    code = 'EMFILE';
    jest.advanceTimersByTime(59_000);
    expect(lines).toEqual(['ERROR no file descriptors are left (EMF']);
    jest.advanceTimersByTime(2000);
    expect(lines).toHaveLength(2);
    code = null;
    jest.advanceTimersByTime(5000);
    expect(lines.slice(2)).toEqual(['INFO there are file descriptors again']);
    stop();
    code = 'EMFILE';
    jest.advanceTimersByTime(120_000);
    expect(lines).toHaveLength(3);
  });

  it('is no matter of any other trouble', () => {
    const lines: string[] = [];
    const stop = watchDescriptors(({ message }) => void lines.push(message), { probe: () => 'EACCES', now: Date.now });
    jest.advanceTimersByTime(5000);
    expect(lines).toEqual([]);
    stop();
  });
});
