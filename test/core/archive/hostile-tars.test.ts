import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openArchive } from '../../../src/core/archive/open-archive.js';
import { codeOfAsync } from '../../support/codes.js';
import { HOSTILE_TARS } from '../../support/hostile-tars.js';
import { createScratchFolder } from '../../support/scratch-folder.js';

const folder = createScratchFolder();
describe('a hostile tar is refused by its own code and nothing of it is written:', () => {
  it.each(HOSTILE_TARS)('%s: %s', async (title, code, make) => {
    const room = path.join(folder, title.replace(/\W/g, '-'));
    mkdirSync(room);
    writeFileSync(path.join(room, 'evil.tar.gz'), make());
    expect(await codeOfAsync(openArchive(path.join(room, 'evil.tar.gz')))).toBe(code);
    expect(readdirSync(room)).toEqual(['evil.tar.gz']);
  });
});
