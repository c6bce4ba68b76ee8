import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createResponseTimer } from '../../../../src/core/serving/pool/response-timer.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function createTimer() {
  const onOverdue = jest.fn();
  const timer = createResponseTimer({ limitMs: 100, onOverdue });
  return {
    onOverdue,
    timer,
    touch: () => timer.touch(performance.now()),
    pass: (ms: number) => jest.advanceTimersByTime(ms),
  };
}

describe('the watch over a worker that is at a message', () => {
  it('tells once that it takes too long, and again for the next message', () => {
    const { onOverdue, touch, pass } = createTimer();
    touch();
    pass(99);
    expect(onOverdue).not.toHaveBeenCalled();
    pass(1000);
    expect(onOverdue).toHaveBeenCalledTimes(1);
    touch();
    pass(101);
    expect(onOverdue).toHaveBeenCalledTimes(2);
  });

  it('counts from the last sign of work, with one timer for all messages', () => {
    const { onOverdue, touch, pass } = createTimer();
    for (let n = 0; n < 50; n += 1) {
      touch();
      pass(30);
      expect(jest.getTimerCount()).toBe(1);
    }
    expect(onOverdue).not.toHaveBeenCalled();
    pass(72);
    expect(onOverdue).toHaveBeenCalledTimes(1);
  });

  it.each(['rest', 'stop'] as const)('is silent after %s, and leaves no timer that rings for ever', (end) => {
    const { onOverdue, timer, touch, pass } = createTimer();
    touch();
    pass(50);
    timer[end]();
    pass(1000);
    expect(onOverdue).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);
    touch();
    pass(101);
    expect(onOverdue).toHaveBeenCalledTimes(1);
  });
});
