import { rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isServing, pidFilePath, readPidFile } from '../../core/serving/lifecycle/pid-file.js';
import type { ServeConsole, ServeOptions } from './serve-options.js';

/** How long `--stop` waits for a drain; the peer waits so long with --foreground. */
const STOP_WAIT_MS = 60_000;
const LOOK_AGAIN_MS = 50;

function signal(pid: number): boolean {
  try {
    process.kill(pid, 'SIGTERM');
    return true;
  } catch {
    return false;
  }
}

async function waitForEnd(pid: number, limitMs: number): Promise<boolean> {
  const end = Date.now() + limitMs;
  for (;;) {
    if (!isServing(pid)) return true;
    if (Date.now() > end) return false;
    await sleep(LOOK_AGAIN_MS);
  }
}

/**
 * Stops the server of this temporary folder: it drains first, and the command returns when it has ended, so that a start may
 * follow at once. The words are the peer's; the exit code is 0 in every case of its contract.
 */
export async function stopServer(options: ServeOptions, console: ServeConsole): Promise<number> {
  const state = readPidFile();
  if (state.kind === 'orphan') {
    console.out('Removing orphan pid file.');
    rmSync(pidFilePath(), { force: true });
  }
  if (state.kind !== 'running') {
    console.out('TorchServe is not currently running.');
    return 0;
  }
  if (!signal(state.pid)) {
    console.out('TorchServe already stopped.');
    rmSync(pidFilePath(), { force: true });
    return 0;
  }
  const hasEnded = await waitForEnd(state.pid, STOP_WAIT_MS);
  rmSync(path.resolve('key_file.json'), { force: true });
  if (!hasEnded) console.out('Stopping TorchServe took too long.');
  else if (options.foreground !== true) console.out('TorchServe has stopped.');
  return 0;
}
