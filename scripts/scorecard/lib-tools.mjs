// Which programs of this machine a test can use: where one is missing the test says so and does not count as passed.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '..', '..');

/** A Python 3: the one that EISEN_SCORECARD_PYTHON names, or the machine's. */
export const PYTHON = process.env.EISEN_SCORECARD_PYTHON ?? 'python3';

const TOOLS = {
  java: ['java', ['--version']],
  python: [PYTHON, ['--version']],
  unzip: ['unzip', ['-v']],
  prlimit: ['prlimit', ['--version']],
  'namespaces without a network': ['unshare', ['-rn', 'true']],
  'namespaces with own mounts': ['unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=1m none /mnt']],
};

/** The first of the named tools that this machine lacks, as the outcome of a test; null when all are there. */
export function notRun(...names) {
  for (const name of names) {
    const [command, args] = TOOLS[name];
    if (spawnSync(command, args, { stdio: 'ignore' }).status !== 0) return { passed: false, notRun: `no ${name}` };
  }
  return null;
}
