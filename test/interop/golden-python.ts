import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type GoldenCase, readGoldenFile } from '../support/golden.js';
import { ROOT } from './peer-python.js';

const PYTHON = process.env['GOLDEN_PYTHON'] ?? 'python3';

/** Lets a program of test/interop make golden cases with the pinned originals: `python NAME FILE SEED COUNT`. */
export function makeCases(program: string, seed: string, count: string): GoldenCase[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'golden-'));
  try {
    const file = path.join(folder, 'cases.golden.gz');
    const command = [path.join(ROOT, 'test', 'interop', program), file, seed, count];
    const run = spawnSync(PYTHON, command, { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`${PYTHON} cannot run ${program}: ${run.error?.message ?? run.stderr}`);
    return readGoldenFile(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
