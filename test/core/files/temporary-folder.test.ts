import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { inTemporaryFolder } from '../../../src/core/files/temporary-folder.js';
import { createRunFolder } from '../../../src/core/serving/pool/run-folder.js';
import { createScratchFolder } from '../../support/scratch-folder.js';

const scratch = createScratchFolder();

describe('a folder for temporary files that is of no use', () => {
  it.each([
    ['is not there', path.join(scratch, 'none'), 'ENOENT'],
    ['is a file', path.join(scratch, 'file'), 'ENOTDIR'],
  ])('because it %s is told with TMPDIR, not as a fault of the program', (_what, folder, system) => {
    writeFileSync(path.join(scratch, 'file'), '');
    let thrown: unknown;
    try {
      createRunFolder(folder);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: 'NOT_WRITABLE',
      message: expect.stringContaining(`${folder}: cannot be written there (${system})`),
      details: { where: folder, hint: expect.stringContaining('TMPDIR') },
    });
  });

  it('because it is full is told as a full disk', () => {
    const make = () =>
      inTemporaryFolder('/t', () => {
        throw Object.assign(new Error('x'), { code: 'ENOSPC' });
      });
    expect(make).toThrow(expect.objectContaining({ code: 'DISK_FULL', message: expect.stringContaining('/t: ') }));
  });

  it('is not blamed for a fault of the work, nor for work that succeeds', () => {
    const fault = new TypeError('x');
    const make = () =>
      inTemporaryFolder('/t', () => {
        throw fault;
      });
    expect(make).toThrow(fault);
    expect(inTemporaryFolder(scratch, () => mkdtempSync(path.join(scratch, 'a-')))).toContain('a-');
  });
});
