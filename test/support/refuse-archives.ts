import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { openArchive } from '../../src/core/archive/open-archive.js';
import { isEisenError } from '../../src/core/errors/error.js';

/**
 * Opens every archive of a folder with its content checked; prints for each its code, the memory (kB) that it took at most
 * and the time (ms). docs/archives.md states the largest.
 */
const folder = process.argv[2]!;
const readKb = (key: string): number =>
  Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))![1]);

for (const name of readdirSync(folder).sort()) {
  globalThis.gc?.();
  // The kernel then forgets the highest resident memory so far.
  writeFileSync('/proc/self/clear_refs', '5');
  const before = readKb('VmRSS');
  const began = performance.now();
  let code = 'accepted';
  try {
    await (await openArchive(path.join(folder, name), { verify: true })).close();
  } catch (error) {
    if (!isEisenError(error)) throw error;
    code = error.code;
  }
  const ms = performance.now() - began;
  process.stdout.write(`${JSON.stringify({ name, code, kb: readKb('VmHWM') - before, ms })}\n`);
}
