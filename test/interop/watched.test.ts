import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { isAlive } from '../support/workers/is-alive.js';
import { spawnWatched } from './watched.js';

const WATCHED = path.join(import.meta.dirname, 'watched.js');
/** A launcher with a child, as TorchServe's are; prints the pids of both. */
const LAUNCHER = `
const { spawn } = require('node:child_process');
const worker = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
console.log(JSON.stringify([process.pid, worker.pid]));
`;
/** A test run that starts the launcher and then hangs. */
const RUN = `
const { spawnWatched } = await import(${JSON.stringify(WATCHED)});
spawnWatched(process.execPath, ['-e', ${JSON.stringify(LAUNCHER)}]).stdout.pipe(process.stdout);
setInterval(() => {}, 1000);
`;

it('a server and its workers do not outlive a test run that is killed', async () => {
  const run = spawn(process.execPath, ['--input-type=module', '-e', RUN], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(run.stdout, 'data')) as [Buffer];
  const pids = JSON.parse(line.toString()) as number[];
  expect(pids.map(isAlive)).toEqual([true, true]);
  run.kill('SIGKILL');
  const deadline = Date.now() + 10_000;
  while (pids.some(isAlive) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(pids.map(isAlive)).toEqual([false, false]);
});

it('a program that ends by itself is told with its status and its output', async () => {
  const child = spawnWatched(process.execPath, [
    '-e',
    'console.log("out"); console.error("err"); process.exitCode = 7',
  ]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => {
    out += piece;
  });
  child.stderr.on('data', (piece: Buffer) => {
    err += piece;
  });
  expect(await once(child, 'close')).toEqual([7, null]);
  expect([out, err]).toEqual(['out\n', 'err\n']);
});

it('a program that is not there ends with its name', async () => {
  const child = spawnWatched('no-such-program', []);
  const [[piece], [code]] = await Promise.all([once(child.stderr, 'data'), once(child, 'close')]);
  expect([String(piece), code]).toEqual([expect.stringContaining('no-such-program'), 127]);
});
