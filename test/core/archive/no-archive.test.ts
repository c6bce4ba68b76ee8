import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { openArchive } from '../../../src/core/archive/open-archive.js';
import { codeOfAsync } from '../../support/codes.js';
import { createScratchFolder } from '../../support/scratch-folder.js';
import { identityModel } from '../../support/tiny-onnx.js';

const folder = createScratchFolder();
const NIFTI = Buffer.concat([Buffer.of(0x5c, 1, 0, 0), Buffer.alloc(1000, 3)]);

function write(name: string, bytes: Uint8Array): string {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

describe('a file that is no archive is called what it is, with what was expected:', () => {
  it.each<[string, Uint8Array, RegExp]>([
    [
      'picture.mar',
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      /^picture\.mar: it is no archive but a PNG picture; expected a zip/,
    ],
    [
      'text.mar',
      Buffer.from('hello\n'),
      /but a text; expected a zip \(\.mar\), a gzipped tar \(\.tar\.gz\) or a folder\.$/,
    ],
    ['model.mar', identityModel(), /but an ONNX model; expected/],
    ['scan.mar', gzipSync(NIFTI), /but a gzip file that holds a NIfTI volume; expected a tar\.$/],
  ])('%s', async (name, bytes, message) => {
    await expect(openArchive(write(name, bytes))).rejects.toMatchObject({
      code: 'MAR_FORMAT',
      message: expect.stringMatching(message),
    });
  });

  it('an ONNX model also with the command that makes an archive of it', async () => {
    await expect(openArchive(write('other.mar', identityModel()))).rejects.toMatchObject({
      details: { hint: expect.stringContaining('package --model') },
    });
  });

  it('while a zip without its end is still a damaged zip, and an empty file an empty file', async () => {
    expect(await codeOfAsync(openArchive(write('cut.mar', Buffer.from('PK\x03\x04 and no more'))))).toBe(
      'MAR_END_RECORD',
    );
    expect(await codeOfAsync(openArchive(write('empty.mar', Buffer.alloc(0))))).toBe('MAR_INVALID');
  });

  it('and a pipe is refused at once, not waited for', async () => {
    const pipe = path.join(folder, 'pipe.mar');
    execFileSync('mkfifo', [pipe]);
    expect(await codeOfAsync(openArchive(pipe))).toBe('MAR_INVALID');
  });
});
