import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { watchStreams } from '../../src/cli/watch-streams.js';
import { createScratchFolder } from '../support/scratch-folder.js';
import { identityModel } from '../support/tiny-onnx.js';

const folder = createScratchFolder();
/** The compiled command line, without the launcher: it needs no build of its own. */
const program = path.resolve(import.meta.dirname, '..', '..', 'src', 'cli.js');
const START = `import(${JSON.stringify(program)}).then(async ({ main }) => { process.exitCode = await main(process.argv.slice(1)); });`;

const failing = () => {
  const stdout = new PassThrough() as unknown as NodeJS.WriteStream & { fd: 1 };
  const stderr = new PassThrough() as unknown as NodeJS.WriteStream & { fd: 2 };
  return { stdout, stderr };
};
const failure = (code: string): Error => Object.assign(new Error(code), { code });

describe('a stdout that cannot take the result', () => {
  it.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EIO', 'NOT_WRITABLE'],
  ])('because of %s is told as %s', async (system, code) => {
    const streams = failing();
    const watched = watchStreams(streams);
    streams.stdout.emit('error', failure(system));
    expect(await watched.settle()).toMatchObject({ code, message: expect.stringContaining(system) });
  });

  it('because its reader has enough is nothing to tell, nor is a lost stderr', async () => {
    const streams = failing();
    const watched = watchStreams(streams);
    streams.stdout.emit('error', failure('EPIPE'));
    streams.stderr.emit('error', failure('ENOSPC'));
    expect(await watched.settle()).toBeNull();
  });

  it('is watched only until it is released', () => {
    const streams = failing();
    watchStreams(streams).release();
    expect(streams.stdout.listenerCount('error') + streams.stderr.listenerCount('error')).toBe(0);
  });

  it.each(['pipe', 'full'])('because its disk is full ends with 75 though stderr is a %s', (kind) => {
    const full = openSync('/dev/full', 'w');
    const stdio = ['ignore', full, kind === 'full' ? full : 'pipe'] as const;
    const help = ['--input-type=module', '-e', START, '--', '--help'];
    const { status } = spawnSync(process.execPath, help, { stdio: [...stdio] });
    closeSync(full);
    expect(status).toBe(75);
  });

  it('is no failure of a server, whose exit codes are those of TorchServe', () => {
    const full = openSync('/dev/full', 'w');
    const stop = ['--input-type=module', '-e', START, '--', 'serve', '--stop'];
    const env = { ...process.env, TMPDIR: folder };
    const { status } = spawnSync(process.execPath, stop, { stdio: ['ignore', full, 'pipe'], env });
    closeSync(full);
    expect(status).toBe(0);
  });

  it('because its disk is full ends the program with 75 and a sentence, not a stack', () => {
    const model = path.join(folder, 'model.onnx');
    writeFileSync(model, identityModel());
    const full = openSync('/dev/full', 'w');
    const ended = spawnSync(process.execPath, ['--input-type=module', '-e', START, '--', 'metadata', 'show', model], {
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    expect([ended.status, ended.stderr.toString()]).toEqual([
      75,
      'eisen-deploy: stdout: the disk is full (ENOSPC); the words of the result are lost. [DISK_FULL]\n',
    ]);
  });
});
