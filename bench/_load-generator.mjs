// Loads a server with small predictions: by wrk where it is on the PATH (it costs a fraction of what Node costs a request, for
// every server alike), else by our own generator.
import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { requestBody } from './_noop-model.mjs';

const execute = promisify(execFile);
const here = (name) => path.join(import.meta.dirname, name);

/** Our own generator in a process of its own; any method, path and size of body. */
export async function loadByNode(options) {
  const { stdout } = await execute(process.execPath, [here('_load.mjs'), JSON.stringify(options)]);
  return JSON.parse(stdout);
}

/** `name` tells which generator it is; `load({ port, connections, seconds })` posts no-op predictions of two floats. */
export function chooseLoadGenerator(scratch) {
  const path = '/predictions/noop';
  if (spawnSync('wrk', ['--version']).error !== undefined) {
    return { name: 'bench/_load.mjs', load: (options) => loadByNode({ path, bodyFloats: 2, ...options }) };
  }
  const bodyFile = `${scratch}/two-floats.msgpack`;
  writeFileSync(bodyFile, requestBody(2));
  const load = async ({ port, connections, seconds }) => {
    const args = [
      '-t1',
      `-c${connections}`,
      `-d${seconds}s`,
      '-s',
      here('_load.lua'),
      `http://127.0.0.1:${port}${path}`,
    ];
    const { stdout } = await execute('wrk', args, { env: { ...process.env, BENCH_BODY_FILE: bodyFile } });
    return JSON.parse(stdout.trimEnd().split('\n').at(-1));
  };
  return { name: 'wrk', load };
}
