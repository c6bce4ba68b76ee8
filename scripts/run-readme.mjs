// Runs the commands of README.md that stand behind a `<!-- runs -->` line, in a clean copy of the folders they name, with
// `eisen-deploy` on the PATH, and stops at the first that fails. What the README shows is what happened here.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const blocks = [
  ...readFileSync(path.join(root, 'README.md'), 'utf8').matchAll(/^<!-- runs -->\n+```sh\n([^`]*)```$/gm),
];
if (blocks.length === 0) throw new Error('README.md has no block that runs');

const folder = mkdtempSync(path.join(tmpdir(), 'eisen-readme-'));
let failed = 0;
try {
  cpSync(path.join(root, 'fixtures', 'models'), path.join(folder, 'fixtures', 'models'), { recursive: true });
  cpSync(path.join(root, 'fixtures', 'chains'), path.join(folder, 'fixtures', 'chains'), { recursive: true });
  cpSync(path.join(root, 'fixtures', 'volumes'), path.join(folder, 'fixtures', 'volumes'), { recursive: true });
  mkdirSync(path.join(folder, 'bin'));
  mkdirSync(path.join(folder, 'tmp'));
  symlinkSync(path.join(root, 'bin', 'eisen-deploy.js'), path.join(folder, 'bin', 'eisen-deploy'));
  const env = {
    ...process.env,
    PATH: `${path.join(folder, 'bin')}:${process.env.PATH}`,
    TMPDIR: path.join(folder, 'tmp'),
  };
  try {
    for (const [, commands] of blocks) {
      const { status } = spawnSync('bash', ['-ex', '-o', 'pipefail', '-c', commands], {
        cwd: folder,
        env,
        stdio: 'inherit',
      });
      if (status !== 0) failed += 1;
    }
  } finally {
    // A server that a failed block has left behind.
    if (failed > 0) spawnSync('eisen-deploy', ['serve', '--stop'], { cwd: folder, env, stdio: 'ignore' });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`README: ${blocks.length - failed} of ${blocks.length} blocks ran\n`);
process.exitCode = failed > 0 ? 1 : 0;
