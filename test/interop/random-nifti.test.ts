import { describe, expect, it } from '@jest/globals';
import { EisenError } from '../../src/core/errors/error.js';
import { type NiftiFacts, readNifti } from '../../src/core/imaging/nifti/read.js';
import { readScaledValues } from '../../src/core/imaging/scaled.js';
import { type NdArray, wrapNdArray } from '../../src/core/tensor/ndarray.js';
import type { GoldenCase } from '../support/golden.js';
import { describeDifference } from '../support/golden-chain.js';
import { makeCases } from './golden-python.js';

const COUNT = process.env['NIFTI_COUNT'] ?? '1500';
/** The same files in every run; another NIFTI_SEED tries others. */
const SEED = process.env['NIFTI_SEED'] ?? '20261123';

/** What nibabel reads and we refuse as damage, by the field that the message names. */
const STRICTER = [
  /: bitpix /,
  /: dim\[\d\] .* (?:is 0|expected 1\.\.7)/,
  /: pixdim\[[123]\] .*expected a finite length/,
  /: vox_offset .*expected a whole number/,
  /: (?:srow|quatern|qoffset)\[\d+\] .*expected a finite number/,
];

type Outcome = 'equal' | 'both refuse' | 'ours refuses' | 'ours reads' | { readonly wrong: string };

const bytesOf = (array: NdArray): Uint8Array => array.data as Uint8Array;

function compare({ name, arrays, facts }: GoldenCase): Outcome {
  const raises = facts['raises'] as string | undefined;
  let image: ReturnType<typeof readNifti>;
  try {
    const imageBytes = arrays['image'] && bytesOf(arrays['image']);
    image = readNifti({ bytes: bytesOf(arrays['file']!), ...(imageBytes && { imageBytes }), name });
  } catch (error) {
    if (!(error instanceof EisenError)) return { wrong: `${name}: ${String(error)}` };
    if (raises !== undefined) return 'both refuse';
    if (STRICTER.some((reason) => reason.test(error.message))) return 'ours refuses';
    return { wrong: `refused: ${error.message}` };
  }
  // The extensions of a .hdr file are not looked at: no voxel depends on them.
  if (arrays['image'] && /extension|read length/.test(raises ?? '')) return 'ours reads';
  if (raises !== undefined) return { wrong: `${name}: read, but nibabel: ${raises}` };
  const values = describeDifference(readScaledValues(image), arrays['values']!);
  if (values !== undefined) return { wrong: `${name}: ${values}` };
  const found = wrapNdArray('float64', [4, 4], Float64Array.from(image.geometry!.affine));
  const affine = describeDifference(found, arrays['affine']!);
  if (affine !== undefined) return { wrong: `${name}: affine: ${affine}` };
  const zooms = (image.extra as unknown as NiftiFacts).zooms.map(Number);
  const wanted = (facts['zooms'] as string[]).map((zoom) => Number(zoom.replace('inf', 'Infinity')));
  return zooms.every((zoom, n) => Object.is(zoom, wanted[n])) && zooms.length === wanted.length
    ? 'equal'
    : { wrong: `${name}: zooms ${zooms}, wanted ${wanted}` };
}

describe(`${COUNT} random NIfTI files of seed ${SEED}`, () => {
  it('are read with the bits of nibabel, or refused', () => {
    const cases = makeCases('random_nifti.py', SEED, COUNT);
    expect(cases).toHaveLength(Number(COUNT));
    const counts = new Map<string, number>();
    const wrong: string[] = [];
    for (const golden of cases) {
      const outcome = compare(golden);
      if (typeof outcome === 'string') counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      else wrong.push(outcome.wrong);
    }
    process.stderr.write(`random NIfTI files: ${[...counts].map(([what, count]) => `${count} ${what}`).join(', ')}\n`);
    expect(wrong).toEqual([]);
    expect(counts.get('equal')).toBeGreaterThan(Number(COUNT) / 2);
  }, 300_000);
});
