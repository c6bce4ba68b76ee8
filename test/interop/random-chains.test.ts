import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readGoldenFile } from '../support/golden.js';
import { replayAll } from '../support/golden-chain.js';

const FOLDER = path.resolve(import.meta.dirname, '..', '..', '..', 'fixtures', 'golden', 'transforms');
const PYTHON = process.env['GOLDEN_PYTHON'] ?? 'python3';
const COUNT = process.env['CHAINS_COUNT'] ?? '300';
/** The same chains in every run; another CHAINS_SEED tries others. */
const SEED = process.env['CHAINS_SEED'] ?? '1795379806';

/** Lets the originals run new random chains; the golden cases of them. */
function makeChains(seed: string) {
  const folder = mkdtempSync(path.join(tmpdir(), 'chains-'));
  try {
    const file = path.join(folder, 'chains.golden.gz');
    const program = `import sys; from make_eisen_chains import make; open(sys.argv[1], "wb").write(make().encode())`;
    const run = spawnSync(PYTHON, ['-c', program, file], {
      cwd: FOLDER,
      encoding: 'utf8',
      env: { ...process.env, CHAINS_SEED: seed, CHAINS_COUNT: COUNT, PYTHONDONTWRITEBYTECODE: '1' },
    });
    if (run.status !== 0) throw new Error(`${PYTHON} cannot run the originals: ${run.error?.message ?? run.stderr}`);
    return readGoldenFile(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe(`random chains of seed ${SEED}`, () => {
  it(`give the bits of the Python originals, ${COUNT} of ${COUNT}`, async () => {
    const cases = makeChains(SEED);
    expect(cases).toHaveLength(Number(COUNT));
    expect(await replayAll(cases)).toEqual([]);
  }, 300_000);
});
