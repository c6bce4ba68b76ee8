import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type CacheContent, defaultCacheFolder, openContentCache } from '../../../src/core/archive/content-cache.js';
import { temporaryBeside } from '../../../src/core/files/atomic-output.js';
import { codeOfAsync } from '../../support/codes.js';
import { createScratchFolder } from '../../support/scratch-folder.js';

const scratch = createScratchFolder();
let count = 0;
const fresh = (): string => {
  count += 1;
  return path.join(scratch, `cache-${count}`);
};
const content = (text: string, onRead: () => void = () => undefined): CacheContent => ({
  ...{ bytes: text.length, where: 'm.mar' },
  async *stream() {
    onRead();
    yield Buffer.from(text.slice(0, 1));
    yield Buffer.from(text.slice(1));
  },
});
const nameOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const age = (folder: string, text: string, seconds: number): void =>
  utimesSync(path.join(folder, nameOf(text)), 1000, 1_000_000_000 + seconds);

describe('the cache of unpacked weights', () => {
  it('keeps content under its SHA-256, for its owner only', async () => {
    const folder = fresh();
    expect(await (await openContentCache({ folder })).put(content('weights'))).toBe(nameOf('weights'));
    expect(readFileSync(path.join(folder, nameOf('weights')), 'utf8')).toBe('weights');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(path.join(folder, nameOf('weights'))).mode & 0o777).toBe(0o400);
  });

  it('writes what is there only once', async () => {
    const folder = fresh();
    await (await openContentCache({ folder })).put(content('weights'));
    const { ino } = statSync(path.join(folder, nameOf('weights')));
    await (await openContentCache({ folder })).put(content('weights'));
    expect(statSync(path.join(folder, nameOf('weights'))).ino).toBe(ino);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('reads content once when nothing of its length is there', async () => {
    const cache = await openContentCache({ folder: fresh() });
    let reads = 0;
    await cache.put(content('weights', () => (reads += 1)));
    expect(reads).toBe(1);
  });

  it.each([
    ['changed', (file: string) => writeFileSync(file, 'wEights')],
    ['cut off', (file: string) => writeFileSync(file, 'wei')],
  ])('writes a file anew that was %s', async (_what, damage) => {
    const folder = fresh();
    await (await openContentCache({ folder })).put(content('weights'));
    const file = path.join(folder, nameOf('weights'));
    chmodSync(file, 0o600);
    damage(file);
    await (await openContentCache({ folder })).put(content('weights'));
    expect(readFileSync(file, 'utf8')).toBe('weights');
  });

  it('never follows a link that lies in the place of a file', async () => {
    const folder = fresh();
    const cache = await openContentCache({ folder });
    const elsewhere = path.join(scratch, 'elsewhere');
    writeFileSync(elsewhere, 'weights');
    await cache.put(content('another'));
    symlinkSync(elsewhere, path.join(folder, nameOf('weights')));
    await cache.put(content('weights'));
    expect(readFileSync(elsewhere, 'utf8')).toBe('weights');
    expect(statSync(path.join(folder, nameOf('weights'))).ino).not.toBe(statSync(elsewhere).ino);
  });

  it('makes room by removing what was not used for the longest time', async () => {
    const folder = fresh();
    for (const text of ['old-one', 'old-two']) await (await openContentCache({ folder })).put(content(text));
    age(folder, 'old-one', 1);
    age(folder, 'old-two', 2);
    await (await openContentCache({ folder })).put(content('old-one'));
    await (await openContentCache({ folder, limitBytes: 15 })).put(content('new-one'));
    expect(readdirSync(folder).sort()).toEqual([nameOf('old-one'), nameOf('new-one')].sort());
  });

  it('is cut down to its bound when it is opened', async () => {
    const folder = fresh();
    for (const text of ['a', 'b', 'c']) await (await openContentCache({ folder })).put(content(text));
    await openContentCache({ folder, limitBytes: 1 });
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('keeps all weights of one model, and refuses a model that is larger than its bound', async () => {
    const cache = await openContentCache({ folder: fresh(), limitBytes: 10 });
    await cache.put(content('weights'));
    expect(await codeOfAsync(cache.put(content('others')))).toBe('MAR_COMPRESSED_WEIGHTS');
    expect(readdirSync(cache.folder)).toEqual([nameOf('weights')]);
  });

  it('leaves nothing of a write that fails, and sweeps what a killed process has left', async () => {
    const folder = fresh();
    const cache = await openContentCache({ folder });
    const failing: CacheContent = {
      ...content('weights'),
      async *stream() {
        yield Buffer.from('w');
        throw new Error('damaged');
      },
    };
    await expect(cache.put(failing)).rejects.toThrow('damaged');
    expect(readdirSync(folder)).toEqual([]);
    const orphan = temporaryBeside(path.join(folder, 'weights')).replace(`.${process.pid}.`, '.999999999.');
    writeFileSync(orphan, 'half');
    await openContentCache({ folder });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is the same file for two that unpack at once', async () => {
    const folder = fresh();
    const caches = await Promise.all([openContentCache({ folder }), openContentCache({ folder })]);
    const names = await Promise.all(caches.map((cache) => cache.put(content('weights'))));
    expect(names).toEqual([nameOf('weights'), nameOf('weights')]);
    expect(readdirSync(folder)).toEqual([nameOf('weights')]);
  });

  it('remembers what became which file, with a note, until the file is gone', async () => {
    const folder = fresh();
    const cache = await openContentCache({ folder });
    const file = await cache.put(content('weights'));
    await cache.remember('a key', { file, note: Buffer.from('graph\nof two lines') });
    const other = await openContentCache({ folder });
    expect(await other.recall('another key')).toBeNull();
    for (const _ of [1, 2]) {
      const receipt = await other.recall('a key');
      expect([receipt?.file, Buffer.from(receipt!.note).toString()]).toEqual([file, 'graph\nof two lines']);
    }
    rmSync(path.join(folder, file));
    expect(await other.recall('a key')).toBeNull();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps at most 256 receipts, the latest ones', async () => {
    const folder = fresh();
    const cache = await openContentCache({ folder });
    const file = await cache.put(content('weights'));
    for (let n = 0; n < 260; n += 1) await cache.remember(`key ${n}`, { file, note: Buffer.alloc(0) });
    const reopened = await openContentCache({ folder });
    expect(readdirSync(folder)).toHaveLength(257);
    expect(await reopened.recall('key 259')).not.toBeNull();
  });

  it('refuses a folder that others may enter, or that is a file', async () => {
    const folder = fresh();
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    expect(await codeOfAsync(openContentCache({ folder }))).toBe('NOT_WRITABLE');
    writeFileSync(path.join(scratch, 'file'), '');
    await expect(openContentCache({ folder: path.join(scratch, 'file', 'x') })).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
    });
  });

  it.each([
    [{ EISEN_DEPLOY_CACHE: '/a/b', XDG_CACHE_HOME: '/c' }, '/a/b'],
    [{ XDG_CACHE_HOME: '/c' }, '/c/eisen-deploy/weights'],
  ])('lies where %j says', (env, folder) => {
    expect(defaultCacheFolder(env)).toBe(folder);
  });
});
