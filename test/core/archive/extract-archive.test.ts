import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { extractArchive } from '../../../src/core/archive/extract-archive.js';
import { openArchive } from '../../../src/core/archive/open-archive.js';
import { createScratchFolder } from '../../support/scratch-folder.js';

const scratch = createScratchFolder();

async function folderArchive() {
  const root = mkdtempSync(path.join(scratch, 'archive-'));
  const source = path.join(root, 'source');
  mkdirSync(path.join(source, 'deep', 'er'), { recursive: true });
  writeFileSync(path.join(source, 'model.pt'), Buffer.alloc(200_000, 7), { mode: 0o755 });
  writeFileSync(path.join(source, 'deep', 'er', 'notes.txt'), 'words');
  const target = path.join(root, 'target');
  return { archive: await openArchive(source), target };
}

it('writes every entry below the folder, readable by the owner only and never executable', async () => {
  const { archive, target } = await folderArchive();
  await extractArchive(archive, target);
  await archive.close();
  expect(readFileSync(path.join(target, 'model.pt'))).toEqual(Buffer.alloc(200_000, 7));
  expect(readFileSync(path.join(target, 'deep', 'er', 'notes.txt'), 'utf8')).toBe('words');
  expect(statSync(path.join(target, 'model.pt')).mode & 0o777).toBe(0o600);
  expect(statSync(path.join(target, 'deep')).mode & 0o777).toBe(0o700);
});

it('never writes into a folder that holds something', async () => {
  const { archive, target } = await folderArchive();
  mkdirSync(target);
  writeFileSync(path.join(target, 'model.pt'), 'mine');
  await expect(extractArchive(archive, target)).rejects.toThrow();
  await archive.close();
  expect(readFileSync(path.join(target, 'model.pt'), 'utf8')).toBe('mine');
});
