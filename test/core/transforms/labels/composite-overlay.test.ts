import { describe, expect, it } from '@jest/globals';
import { readPng } from '../../../../src/core/imaging/pictures/png-read.js';
import type { FileValue } from '../../../../src/core/tensor/value.js';
import { runSteps } from '../../../support/run-steps.js';
import { AFFINES, fillVolume, placed } from '../../../support/volumes.js';

const labels = placed(
  fillVolume([12, 10, 8], (x, y, z) => (x > 3 && x < 7 && y > 3 && z > 2 ? 1 : 0), 'uint8'),
  AFFINES['oblique']!,
);
const image = placed(
  fillVolume([12, 10, 8], (x, y) => x + y),
  AFFINES['oblique']!,
);
const draw = async (beneath: typeof image) => {
  const params = { fields: ['p'], image: 'image', names: { 1: 'tumour' }, panel_pixels: 96 };
  return (await runSteps([['CompositeOverlay', params]], { p: labels, image: beneath })).get('p_overlay') as FileValue;
};

describe('CompositeOverlay', () => {
  it('adds a PNG with the label in colour over grey', async () => {
    const file = await draw(image);
    expect(file).toMatchObject({ name: 'p_overlay.png', contentType: 'image/png' });
    const { array } = readPng(file.bytes, 'overlay');
    expect(array.shape[2]).toBeGreaterThanOrEqual(3);
    const channels = array.shape[2]!;
    let coloured = 0;
    for (let n = 0; n < array.data.length; n += channels)
      if (Math.abs(Number(array.data[n]) - Number(array.data[n + 2])) > 40) coloured += 1;
    expect(coloured).toBeGreaterThan(50);
  });

  it('brings an image of another grid onto that of the labels', async () => {
    const fields = await runSteps([['Spacing', { fields: ['image'], pixdim: 0.8 }]], { image });
    const file = await draw(fields.get('image') as typeof image);
    expect(readPng(file.bytes, 'overlay').array.shape).toEqual(
      readPng((await draw(image)).bytes, 'overlay').array.shape,
    );
  });

  it('refuses labels that lie nowhere', async () => {
    const bare = { kind: 'array', array: labels.array } as const;
    const run = runSteps([['CompositeOverlay', { fields: ['p'], image: 'image' }]], { p: bare, image });
    await expect(run).rejects.toMatchObject({ code: 'GEOMETRY' });
  });
});
