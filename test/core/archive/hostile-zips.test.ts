import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { extractArchive } from '../../../src/core/archive/extract-archive.js';
import { openArchive } from '../../../src/core/archive/open-archive.js';
import { codeOfAsync } from '../../support/codes.js';
import { HOSTILE_ZIPS } from '../../support/hostile-zips.js';
import { createScratchFolder } from '../../support/scratch-folder.js';

const folder = createScratchFolder();

async function unpack(file: string, target: string): Promise<void> {
  const archive = await openArchive(file);
  try {
    await extractArchive(archive, target);
  } finally {
    await archive.close();
  }
}

describe('a hostile zip is refused by its own code and nothing of it is written:', () => {
  it.each(HOSTILE_ZIPS.map(({ title, code, make }) => [title, code, make] as const))(
    '%s: %s',
    async (title, code, make) => {
      const room = path.join(folder, String(HOSTILE_ZIPS.findIndex((zip) => zip.title === title)));
      mkdirSync(room);
      writeFileSync(path.join(room, 'evil.mar'), make());
      expect(await codeOfAsync(openArchive(path.join(room, 'evil.mar'), { verify: true }))).toBe(code);
      expect(await codeOfAsync(unpack(path.join(room, 'evil.mar'), path.join(room, 'out')))).toBe(code);
      expect(readdirSync(room)).toEqual(['evil.mar']);
    },
  );

  it('at least 35 of them', () => {
    expect(new Set(HOSTILE_ZIPS.map((zip) => zip.title)).size).toBe(HOSTILE_ZIPS.length);
    expect(HOSTILE_ZIPS.length).toBeGreaterThanOrEqual(35);
  });
});
