import { describe, expect, it } from '@jest/globals';
import { EisenError } from '../../../src/core/errors/error.js';
import { inRole } from '../../../src/core/files/file-role.js';

const ROLE = { role: 'the log', file: '/l/ts_log.log', hint: 'LOG_LOCATION names its folder.' };

function caught(error: unknown): unknown {
  try {
    return inRole(ROLE, () => {
      throw error;
    });
  } catch (thrown) {
    return thrown;
  }
}

describe('what the system says about a file of a certain role', () => {
  it.each([
    ['EACCES', 'NOT_WRITABLE'],
    ['ENOTDIR', 'NOT_WRITABLE'],
    ['EEXIST', 'NOT_WRITABLE'],
    ['ENOSPC', 'DISK_FULL'],
  ])('%s is %s with role, path and remedy', (system, code) => {
    const error = Object.assign(new Error(system), { code: system });
    expect(caught(error)).toMatchObject({
      ...{ code, details: { where: ROLE.file, hint: ROLE.hint }, cause: error },
      message: expect.stringMatching(/^the log: \/l\/ts_log\.log: /),
    });
  });

  it('leaves other errors, and ours, as they are', () => {
    const ours = new EisenError('SERVER_RUNNING', 'one runs.');
    const other = new TypeError('a fault');
    expect([caught(ours), caught(other)]).toEqual([ours, other]);
    expect(caught(ours)).toBe(ours);
  });
});
