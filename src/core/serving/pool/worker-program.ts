import { statSync } from 'node:fs';
import path from 'node:path';

const MODULES = path.join(import.meta.dirname, '..', 'worker', 'worker-main.js');

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/**
 * The program of our own worker: the bundle that the build puts beside `modules`, which starts in half the time, unless a
 * compiler run has left it behind.
 */
export function findWorkerProgram(modules = MODULES): string {
  const bundle = modules.replace(/\.js$/, '.cjs');
  const bundled = changedAt(bundle);
  return bundled > 0 && bundled >= changedAt(modules) ? bundle : modules;
}
