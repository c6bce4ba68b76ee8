// Makes every golden file again, in memory, and compares it with the committed one. Needs the Python environment that
// fixtures/golden/imaging/README.md names; GOLDEN_PYTHON says which interpreter.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', 'fixtures', 'golden');
const python = process.env.GOLDEN_PYTHON ?? 'python3';
let failed = 0;
for (const folder of readdirSync(root).sort()) {
  if (!existsSync(path.join(root, folder, 'regenerate.py'))) continue;
  console.log(`fixtures/golden/${folder}:`);
  const run = spawnSync(python, ['regenerate.py', '--check'], { cwd: path.join(root, folder), stdio: 'inherit' });
  if (run.error) console.error(`cannot run ${python}: ${run.error.message}`);
  if (run.status !== 0) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;
