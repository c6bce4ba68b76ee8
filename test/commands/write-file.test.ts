import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { writeFileAtomic, writeFilesAtomic } from '../../src/commands/write-file.js';
import { createScratchFolder } from '../support/scratch-folder.js';

const folder = createScratchFolder();
const fresh = (): string => mkdtempSync(path.join(folder, 'run-'));

describe('a file is written', () => {
  it('whole, from its pieces, with nothing left beside it', async () => {
    const own = fresh();
    await writeFileAtomic(path.join(own, 'a.bin'), [Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)]);
    expect([...readFileSync(path.join(own, 'a.bin'))]).toEqual([1, 2, 3]);
    expect(readdirSync(own)).toEqual(['a.bin']);
  });

  it('over another one only with force', async () => {
    const file = path.join(fresh(), 'a');
    writeFileSync(file, 'old');
    await expect(writeFileAtomic(file, [Uint8Array.of(65)])).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(readFileSync(file, 'utf8')).toBe('old');
    await writeFileAtomic(file, [Uint8Array.of(65)], { force: true });
    expect(readFileSync(file, 'utf8')).toBe('A');
  });
});

describe('even with force nothing is written over', () => {
  it('a pipe, which would no longer be one, nor over what a link makes of it', async () => {
    const own = fresh();
    const pipe = path.join(own, 'pipe');
    execFileSync('mkfifo', [pipe]);
    symlinkSync(pipe, path.join(own, 'link'));
    for (const name of ['pipe', 'link']) {
      await expect(writeFileAtomic(path.join(own, name), [], { force: true })).rejects.toMatchObject({
        code: 'NOT_WRITABLE',
        message: expect.stringContaining('that is a pipe'),
      });
    }
    expect(lstatSync(pipe).isFIFO()).toBe(true);
    expect(readdirSync(own).sort()).toEqual(['link', 'pipe']);
  });

  it('a device', async () => {
    const write = writeFileAtomic('/dev/null', [], { force: true });
    await expect(write).rejects.toMatchObject({ code: 'NOT_WRITABLE', message: expect.stringContaining('a device') });
  });
});

describe('a place that takes no file is told, with its path, for', () => {
  it.each<[string, string, string]>([
    ['a file in the place of a folder', 'f/x', 'ENOTDIR'],
    ['a name that is too long', 'n'.repeat(300), 'ENAMETOOLONG'],
    ['links in a circle', 'loop/x', 'ELOOP'],
  ])('%s', async (_what, name, system) => {
    const own = fresh();
    writeFileSync(path.join(own, 'f'), '');
    symlinkSync('loop', path.join(own, 'loop'));
    await expect(writeFileAtomic(path.join(own, name), [])).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      message: `${path.join(own, name)}: cannot be written there (${system}).`,
    });
  });
});

describe('of several files none is written', () => {
  const two = (own: string, second: string) => [
    { file: path.join(own, 'a'), pieces: [Uint8Array.of(1)] },
    { file: path.join(own, second), pieces: [Uint8Array.of(2)] },
  ];

  it('when the bytes of a later one cannot be written', async () => {
    const own = fresh();
    await expect(writeFilesAtomic(two(own, 'no/b'))).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      details: { where: path.join(own, 'no/b') },
    });
    expect(readdirSync(own)).toEqual([]);
  });

  it('when a later one cannot take its place', async () => {
    const own = fresh();
    mkdirSync(path.join(own, 'b'));
    await expect(writeFilesAtomic(two(own, 'b'), { force: true })).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
    expect(readdirSync(own)).toEqual(['b']);
  });

  it('and what was to be overwritten is still there, links among it, when a later one cannot take its place', async () => {
    const own = fresh();
    mkdirSync(path.join(own, 'z'));
    writeFileSync(path.join(own, 'a'), 'old');
    symlinkSync('elsewhere', path.join(own, 'b'));
    const files = ['a', 'b', 'c', 'z'].map((name) => ({ file: path.join(own, name), pieces: [Uint8Array.of(65)] }));
    await expect(writeFilesAtomic(files, { force: true })).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
    expect(readdirSync(own)).toEqual(['a', 'b', 'z']);
    expect(readFileSync(path.join(own, 'a'), 'utf8')).toBe('old');
    expect(readlinkSync(path.join(own, 'b'))).toBe('elsewhere');
  });

  it('and all that is overwritten is gone when nothing stands in their way', async () => {
    const own = fresh();
    writeFileSync(path.join(own, 'a'), 'old');
    writeFileSync(path.join(own, 'b'), 'old');
    await writeFilesAtomic(two(own, 'b'), { force: true });
    expect(readdirSync(own)).toEqual(['a', 'b']);
    expect([...readFileSync(path.join(own, 'a'))]).toEqual([1]);
  });

  it('and all are when nothing stands in their way', async () => {
    const own = fresh();
    await writeFilesAtomic(two(own, 'b'));
    expect(readdirSync(own)).toEqual(['a', 'b']);
  });
});

describe('nothing is left of a file', () => {
  it('whose folder is missing', async () => {
    await expect(writeFileAtomic(path.join(folder, 'no', 'a'), [])).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      message: expect.stringContaining('ENOENT'),
    });
  });

  it('whose place is a folder', async () => {
    const own = fresh();
    mkdirSync(path.join(own, 'a'));
    await expect(writeFileAtomic(path.join(own, 'a'), [], { force: true })).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
    });
    expect(readdirSync(own)).toEqual(['a']);
  });

  it('that was cancelled', async () => {
    const own = fresh();
    await expect(
      writeFileAtomic(path.join(own, 'a'), [Uint8Array.of(1)], { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(readdirSync(own)).toEqual([]);
  });
});
