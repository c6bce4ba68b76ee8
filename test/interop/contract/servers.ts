import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packHandler } from '../handler-archive.js';
import { peerPython, ROOT } from '../peer-python.js';
import { type RunningServer, startOurs, startTorchServe } from '../torchserve.js';

export interface Pair {
  readonly peer: RunningServer;
  readonly ours: RunningServer;
}

/** The real TorchServe and ours, on the same configuration and the same archives, both through Python workers. */
export async function startPair(config: readonly string[], tokens = false): Promise<Pair> {
  const folder = mkdtempSync(path.join(tmpdir(), 'contract-'));
  const mirror = packHandler(folder, 'mirror');
  const spare = packHandler(folder, 'noop');
  const second = packHandler(folder, 'echo', ['--version', '2.0']);
  const junk = path.join(folder, 'junk');
  writeFileSync(junk, 'junk');
  const request = {
    tokens,
    archives: { mirror },
    spares: { 'spare.mar': spare, 'second.mar': second, 'junk.mar': junk, 'junk.tar.gz': junk },
    config: ['metrics_mode=prometheus', 'default_workers_per_model=1', ...config],
  };
  const [peer, ours] = await Promise.all([
    startTorchServe(request),
    startOurs({
      ...request,
      args: ['--allow-archive-code', '--python', peerPython()],
      env: { PYTHONPATH: path.join(ROOT, 'test', 'interop', 'stand-in') },
    }),
  ]);
  return { peer, ours };
}
