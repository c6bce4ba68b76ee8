import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { peerBin, ROOT } from './peer-python.js';

/** An archive of one of our small handlers, made by the real torch-model-archiver. */
export function packHandler(folder: string, name: string, more: readonly string[] = []): string {
  const handler = path.join(ROOT, 'fixtures', 'handlers', `${name}.py`);
  const made = spawnSync(
    path.join(peerBin(), 'torch-model-archiver'),
    ['--model-name', name, '--version', '1.0', '--handler', handler, '--export-path', folder, '--force', ...more],
    { encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(made.stderr);
  return path.join(folder, `${name}.mar`);
}
