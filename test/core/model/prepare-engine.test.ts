import { describe, expect, it } from '@jest/globals';
import { prepareEngine } from '../../../src/core/model/prepare-engine.js';

describe('the engine that is prepared before its first model', () => {
  it('takes the smallest model there is, twice as well as once', async () => {
    await expect(prepareEngine()).resolves.toBeUndefined();
    await expect(prepareEngine()).resolves.toBeUndefined();
  });

  it('is told to report to nobody before it loads', async () => {
    await prepareEngine();
    expect(process.env['ORT_DISABLE_TELEMETRY']).toBe('1');
  });
});
