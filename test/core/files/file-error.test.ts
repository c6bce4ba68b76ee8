import { describe, expect, it } from '@jest/globals';
import { asReadError, asWriteError } from '../../../src/core/files/file-error.js';

const failure = (code: string): Error => Object.assign(new Error(code), { code });

describe('what the system says about a file', () => {
  it.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EDQUOT', 'DISK_FULL'],
    ['EFBIG', 'DISK_FULL'],
    ['EACCES', 'NOT_WRITABLE'],
    ['EROFS', 'NOT_WRITABLE'],
    ['EPERM', 'NOT_WRITABLE'],
    ['ENOENT', 'NOT_WRITABLE'],
    ['ENAMETOOLONG', 'NOT_WRITABLE'],
  ])('%s while writing becomes %s', (system, code) => {
    expect(asWriteError(failure(system), 'x.mar')).toMatchObject({ code, message: expect.stringMatching(/^x\.mar: /) });
  });

  it.each(['ENOENT', 'EACCES', 'EISDIR', 'ELOOP'])('%s while reading becomes FILE_NOT_FOUND', (system) => {
    expect(asReadError(failure(system), 'x.mar')).toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it('anything else passes as it is', () => {
    for (const error of [failure('EWHATEVER'), new Error('x'), 'text', null]) {
      expect(asWriteError(error, 'x')).toBe(error);
      expect(asReadError(error, 'x')).toBe(error);
    }
  });
});
