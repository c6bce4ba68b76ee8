import { describe, expect, it } from '@jest/globals';
import { EisenError } from '../../../src/core/errors/error.js';
import { createErrorGatherer } from '../../../src/core/errors/gather-errors.js';

const fail = (code: 'USAGE' | 'FILE_EXISTS', message: string, hint?: string) => (): never => {
  throw new EisenError(code, message, hint === undefined ? {} : { hint });
};

describe('errors of several places', () => {
  it('are told at once, with the code of the first', async () => {
    const found = createErrorGatherer();
    expect(await found.attempt(fail('USAGE', 'one.', 'Do this.'))).toBeUndefined();
    expect(await found.attempt(() => 2)).toBe(2);
    found.add(new EisenError('FILE_EXISTS', 'two.'));
    found.add(null);
    expect(() => found.refuse()).toThrow(expect.objectContaining({ code: 'USAGE', message: 'one. Do this.\ntwo.' }));
  });

  it('are the error itself when there is one, and nothing when there is none', async () => {
    const found = createErrorGatherer();
    expect(() => found.refuse()).not.toThrow();
    const error = new EisenError('USAGE', 'one.', { hint: 'Do this.' });
    found.add(error);
    expect(() => found.refuse()).toThrow(error);
  });

  it('let what is none of ours pass', async () => {
    await expect(
      createErrorGatherer().attempt(() => {
        throw new TypeError('a fault of the program');
      }),
    ).rejects.toThrow(TypeError);
  });
});
