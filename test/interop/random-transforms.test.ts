import { describe, expect, it } from '@jest/globals';
import { replay, type Tolerance } from '../support/golden-chain.js';
import { makeCases } from './golden-python.js';

const COUNT = process.env['CHAINS_COUNT'] ?? '1500';
/** The same chains in every run; another CHAINS_SEED tries others. */
const SEED = process.env['CHAINS_SEED'] ?? '20261123';

describe(`random chains over random arrays of seed ${SEED}`, () => {
  it(`give the bits of eisen-core, or raise where it raises, ${COUNT} of ${COUNT}`, async () => {
    const wrong: string[] = [];
    const counts = { equal: 0, 'both raise': 0 };
    for (const golden of makeCases('random_arrays.py', SEED, COUNT)) {
      const difference = await replay(golden);
      if (difference !== undefined)
        wrong.push(`${golden.name}: ${difference}: ${JSON.stringify(golden.facts['steps'])}`);
      else counts[golden.facts['raises'] === undefined ? 'equal' : 'both raise'] += 1;
    }
    process.stderr.write(`random arrays: ${counts.equal} equal, ${counts['both raise']} both raise\n`);
    expect(wrong).toEqual([]);
    expect(counts.equal).toBeGreaterThan(Number(COUNT) / 2);
  }, 300_000);
});

/** Choices and moved voxels are compared bit for bit; formulas in float64, rounded once, are near what is rounded on the way. */
const NEAR: Tolerance = { absolute: 2e-5, relative: 1e-5 };
const COMPUTED = /^(?:ZScore|Clip|Scale|HUWindow|Sigmoid|Softmax|Resize|Spacing|ResampleToReference|RestoreGeometry)/;

describe(`random arrays of seed ${SEED} through the transforms that eisen-core lacks`, () => {
  it('give what numpy and scipy say', async () => {
    const wrong: string[] = [];
    const counts = new Map<string, number>();
    for (const [n, golden] of makeCases('random_own.py', SEED, COUNT).entries()) {
      const difference = await replay(golden, COMPUTED.test(golden.name) ? NEAR : undefined);
      if (difference === undefined) counts.set(golden.name, (counts.get(golden.name) ?? 0) + 1);
      else {
        const { dtype, shape } = golden.arrays['in:image']!;
        const steps = JSON.stringify(golden.facts['steps']);
        wrong.push(`${n} ${golden.name}: ${difference}: ${dtype} [${shape}]: ${steps}`);
      }
    }
    const list = [...counts].sort().map(([name, count]) => `${name} ${count}`);
    process.stderr.write(`random arrays equal: ${list.join(', ')}\n`);
    expect(wrong).toEqual([]);
    expect(counts.size).toBeGreaterThan(20);
  }, 300_000);
});
