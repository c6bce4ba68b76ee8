import { describe, expect, it } from '@jest/globals';
import { readGolden } from '../../support/golden.js';
import { replayAll } from '../../support/golden-chain.js';

const cases = readGolden('eisen_chains', 'transforms');

describe('whole chains from NIfTI bytes, bit for bit as nibabel, nilearn, SimpleITK and eisen-core', () => {
  it.each(['nifti', 'itk'])('read as %s', async (reader) => {
    const chosen = cases.filter(({ name }) => name.includes(`(${reader})`));
    expect(chosen.length).toBeGreaterThan(50);
    expect(await replayAll(chosen)).toEqual([]);
  });
});
