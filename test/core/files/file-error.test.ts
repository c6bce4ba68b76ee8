import { describe, expect, it } from '@jest/globals';
import { asFileError, asReadError, asWriteError } from '../../../src/core/files/file-error.js';

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
    ['ENOTDIR', 'NOT_WRITABLE'],
    ['ELOOP', 'NOT_WRITABLE'],
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

describe('a system error that nobody has translated is no fault of the program but', () => {
  it.each([
    ['scandir', 'EACCES', 'FILE_NOT_FOUND'],
    ['stat', 'ELOOP', 'FILE_NOT_FOUND'],
    ['open', 'EACCES', 'FILE_NOT_FOUND'],
    ['open', 'EROFS', 'NOT_WRITABLE'],
    ['mkdir', 'EACCES', 'NOT_WRITABLE'],
    ['rename', 'ENOTDIR', 'NOT_WRITABLE'],
    ['write', 'ENOSPC', 'DISK_FULL'],
  ])('%s with %s is %s of the path that the system names', (syscall, system, code) => {
    const error = Object.assign(failure(system), { syscall, path: '/shut/x' });
    expect(asFileError(error)).toMatchObject({
      code,
      details: { where: '/shut/x' },
      message: expect.stringMatching(/^\/shut\/x: /),
      cause: error,
    });
  });

  it('has no path where the system tells none', () => {
    expect(asFileError(Object.assign(failure('ENOSPC'), { syscall: 'write' }))).toMatchObject({
      message: expect.stringMatching(/^a file: the disk is full/),
    });
  });

  it.each([
    ['a program that is not there', Object.assign(failure('ENOENT'), { syscall: 'spawn python', path: 'python' })],
    ['an address in use', Object.assign(failure('EACCES'), { syscall: 'listen' })],
    ['a bug', new TypeError('x is not a function')],
    ['no error at all', null],
  ])('%s stays what it is', (_what, error) => {
    expect(asFileError(error)).toBe(error);
  });
});
