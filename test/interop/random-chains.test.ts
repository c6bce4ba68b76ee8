import { describe, expect, it } from '@jest/globals';
import { replayAll } from '../support/golden-chain.js';
import { makeCases } from './golden-python.js';

const COUNT = process.env['CHAINS_COUNT'] ?? '300';
/** The same chains in every run; another CHAINS_SEED tries others. */
const SEED = process.env['CHAINS_SEED'] ?? '1795379806';

describe(`random chains of seed ${SEED}`, () => {
  it(`give the bits of the Python originals, ${COUNT} of ${COUNT}`, async () => {
    const cases = makeCases('random_chains.py', SEED, COUNT);
    expect(cases).toHaveLength(Number(COUNT));
    expect(await replayAll(cases)).toEqual([]);
  }, 300_000);
});
