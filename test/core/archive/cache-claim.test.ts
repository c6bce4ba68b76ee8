import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { claimKey, isStaleClaim } from '../../../src/core/archive/cache-claim.js';
import { openContentCache } from '../../../src/core/archive/content-cache.js';
import { LIMITS } from '../../../src/core/limits.js';
import { createScratchFolder } from '../../support/scratch-folder.js';

const scratch = createScratchFolder();
let count = 0;
const room = (): string => {
  count += 1;
  const folder = path.join(scratch, String(count));
  mkdirSync(folder, { mode: 0o700 });
  return folder;
};
const fileOf = (folder: string, key: string): string =>
  path.join(folder, `${createHash('sha256').update(key).digest('hex')}.claim`);
const HOST = hostname()
  .toLowerCase()
  .replace(/[^0-9a-z-]/g, '-');
/** A process that was there and is gone. */
const goneProcess = (): number => spawnSync(process.execPath, ['-e', '']).pid;
const age = (file: string, ms: number): void => {
  const then = (Date.now() - ms) / 1000;
  utimesSync(file, then, then);
};

describe('a claim on what is made in the cache', () => {
  it('is held by one at a time: the next has it when the first gives it back', async () => {
    const folder = room();
    const order: string[] = [];
    const first = await claimKey(folder, 'a model');
    const second = claimKey(folder, 'a model').then((release) => {
      order.push('second begins');
      return release;
    });
    await new Promise((resolve) => setTimeout(resolve, 80));
    order.push('first ends');
    await first();
    await (await second)();
    expect(order).toEqual(['first ends', 'second begins']);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps nobody from another key', async () => {
    const folder = room();
    const releases = [await claimKey(folder, 'a'), await claimKey(folder, 'b')];
    expect(readdirSync(folder)).toHaveLength(2);
    for (const release of releases) await release();
  });

  it.each<[string, (file: string) => void]>([
    ['a process that is gone', (file) => writeFileSync(file, `${HOST} ${goneProcess()} abc`)],
    [
      'a process that is stuck',
      (file) => {
        writeFileSync(file, `${HOST} ${process.pid} abc`);
        age(file, LIMITS.cacheClaimMs + 1000);
      },
    ],
    [
      'another host, long ago',
      (file) => {
        writeFileSync(file, 'elsewhere 1 abc');
        age(file, LIMITS.cacheClaimMs + 1000);
      },
    ],
  ])('of %s is taken over', async (_, leave) => {
    const folder = room();
    leave(fileOf(folder, 'a model'));
    const release = await claimKey(folder, 'a model');
    expect(readFileSync(fileOf(folder, 'a model'), 'utf8')).toContain(` ${process.pid} `);
    await release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['a process that is there', `${HOST} ${process.pid} abc`],
    ['another host, of which nothing is known', 'elsewhere 999999999 abc'],
    ['somebody who has not written it yet', ''],
  ])('of %s is waited for', async (_, text) => {
    const file = fileOf(room(), 'a model');
    writeFileSync(file, text);
    expect(await isStaleClaim(file)).toBe(false);
  });

  it('that was taken over is not given back by the one that was too slow', async () => {
    const folder = room();
    const file = fileOf(folder, 'a model');
    const slow = await claimKey(folder, 'a model');
    age(file, LIMITS.cacheClaimMs + 1000);
    const next = await claimKey(folder, 'a model');
    await slow();
    expect(existsSync(file)).toBe(true);
    await next();
    expect(existsSync(file)).toBe(false);
  });

  it('names the folder when it cannot be written', async () => {
    await expect(claimKey(path.join(scratch, 'nowhere'), 'a')).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
  });

  it('that does not fit on the disk is told at once and leaves nothing that others wait for', () => {
    const folder = room();
    const module = path.resolve(import.meta.dirname, '../../../src/core/archive/cache-claim.js');
    const program = `import { claimKey } from ${JSON.stringify(module)};
      await claimKey(${JSON.stringify(folder)}, 'a model').catch(({ code }) => { process.exitCode = code === 'DISK_FULL' ? 9 : 1; });`;
    const limited = `trap '' XFSZ; ulimit -f 0; exec "$0" "$@"`;
    const args = ['-c', limited, process.execPath, '--input-type=module', '-e', program];
    expect(spawnSync('bash', args, { stdio: 'ignore' }).status).toBe(9);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is swept when the cache is opened and its process is gone', async () => {
    const folder = room();
    writeFileSync(fileOf(folder, 'a'), `${HOST} ${goneProcess()} abc`);
    writeFileSync(fileOf(folder, 'b'), `${HOST} ${process.pid} abc`);
    await openContentCache({ folder });
    expect(readdirSync(folder)).toEqual([path.basename(fileOf(folder, 'b'))]);
  });
});
