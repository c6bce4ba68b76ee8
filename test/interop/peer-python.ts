import { existsSync } from 'node:fs';
import path from 'node:path';

/** The root of the repository, seen from the compiled tests. */
export const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');

/** The programs of the pinned Python environment that `npm run test:interop` makes. */
export function peerBin(): string {
  const folder = process.env['EISEN_INTEROP_BIN'] ?? path.join(ROOT, '.interop', 'venv', 'bin');
  if (existsSync(path.join(folder, 'torchserve'))) return folder;
  throw new Error(`no torchserve in ${folder}; run these tests by npm run test:interop, which installs the peers`);
}

export function peerPython(): string {
  return path.join(peerBin(), 'python');
}
