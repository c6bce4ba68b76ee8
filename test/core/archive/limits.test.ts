import { closeSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { checkEntrySet } from '../../../src/core/archive/entry-set.js';
import { openArchive } from '../../../src/core/archive/open-archive.js';
import { LIMITS } from '../../../src/core/limits.js';
import { codeOf, codeOfAsync } from '../../support/codes.js';
import { rawZip } from '../../support/raw-zip.js';
import { createScratchFolder } from '../../support/scratch-folder.js';

const folder = createScratchFolder();
const GiB = 1024 ** 3;
const entry = (name: string, bytes: number) => ({ name, isFolder: false, bytes, storedBytes: bytes });

describe('the limits of an archive', () => {
  it('end at 4 GiB an entry and 8 GiB together', () => {
    expect(() => checkEntrySet([entry('a', 4 * GiB - 1)], 'x')).not.toThrow();
    expect(codeOf(() => checkEntrySet([entry('a', 4 * GiB)], 'x'))).toBe('MAR_ENTRY_TOO_LARGE');
    expect(codeOf(() => checkEntrySet([entry('a', 3 * GiB), entry('b', 3 * GiB), entry('c', 3 * GiB)], 'x'))).toBe(
      'MAR_TOTAL_TOO_LARGE',
    );
  });

  it('allow a blow-up of 200 above 1 MiB, and any below', () => {
    const MiB = 1024 ** 2;
    expect(() => checkEntrySet([{ ...entry('a', MiB), storedBytes: 1 }], 'x')).not.toThrow();
    expect(() => checkEntrySet([{ ...entry('a', 200 * MiB), storedBytes: MiB }], 'x')).not.toThrow();
    expect(codeOf(() => checkEntrySet([{ ...entry('a', 200 * MiB + 1), storedBytes: MiB }], 'x'))).toBe('MAR_RATIO');
  });

  it.each([
    ['zip', Buffer.from('PK')],
    ['tgz', Buffer.of(0x1f, 0x8b)],
  ])('end at 4 GiB for the file of a %s', async (kind, head) => {
    const file = path.join(folder, `huge.${kind}`);
    writeFileSync(file, head);
    const fd = openSync(file, 'r+');
    ftruncateSync(fd, LIMITS.archiveFileBytes + 1);
    closeSync(fd);
    expect(await codeOfAsync(openArchive(file))).toBe('MAR_FILE_TOO_LARGE');
  });
});

describe('an open archive', () => {
  const file = path.join(folder, 'a.mar');
  writeFileSync(file, rawZip({ entries: [{ name: 'a.txt', data: 'data' }] }));

  it('reads no more of an entry than the caller allows', async () => {
    const archive = await openArchive(file);
    expect(await codeOfAsync(archive.readEntry('a.txt', { limitBytes: 3 }))).toBe('LIMIT_EXCEEDED');
    expect(Buffer.from(await archive.readEntry('a.txt', { limitBytes: 4 })).toString()).toBe('data');
  });

  it('names an entry that it does not have', async () => {
    const archive = await openArchive(file);
    expect(await codeOfAsync(archive.readEntry('b.txt'))).toBe('MAR_NO_ENTRY');
    expect(() => archive.streamEntry('__proto__')).toThrow(expect.objectContaining({ code: 'MAR_NO_ENTRY' }));
    expect(archive.locateEntry('b.txt')).toBeNull();
  });
});
