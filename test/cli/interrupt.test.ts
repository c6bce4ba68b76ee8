import { expect, it } from '@jest/globals';
import { withInterrupt } from '../../src/cli/interrupt.js';

it('the first Ctrl-C aborts the work, which may clean up, and the handler is gone afterwards', async () => {
  const before = process.listenerCount('SIGINT');
  const result = await withInterrupt(async (signal) => {
    process.emit('SIGINT', 'SIGINT');
    return signal.aborted ? 'aborted' : 'running';
  });
  expect(result).toBe('aborted');
  expect(process.listenerCount('SIGINT')).toBe(before);
});

it('the handler goes when the work fails, too', async () => {
  const before = process.listenerCount('SIGTERM');
  await expect(withInterrupt(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
  expect(process.listenerCount('SIGTERM')).toBe(before);
});
