import { describe, expect, it } from '@jest/globals';
import { TRANSFORMS } from '../../../src/core/transforms/registry.js';
import { describeShapes, followShapes, SHAPED_TRANSFORMS } from '../../../src/core/transforms/shape-rules.js';

const VOLUME = { shapes: [['spatial', 'spatial', 'spatial'] as const], isOpen: false };
const names = TRANSFORMS.map(({ name }) => name);

describe('the rules of shapes', () => {
  it('belong to transforms that there are, under the very name', () => {
    expect(SHAPED_TRANSFORMS.filter((name) => !names.includes(name))).toEqual([]);
  });

  it('know every transform of intensities, HUWindow included', () => {
    const intensity = TRANSFORMS.filter(({ group }) => group === 'intensity');
    expect(intensity.length).toBeGreaterThan(5);
    for (const { name } of intensity) expect([name, followShapes(name, {}, VOLUME)]).toEqual([name, VOLUME]);
  });

  it.each([
    ['Sigmoid', {}, 3, /the shape stays/],
    ['AddBatchDimension', {}, 4, /one more/],
    ['Argmax', { axis: 0 }, 2, /`axis` goes/],
    ['Transpose', { axes: [2, 1, 0] }, 3, /as many/],
    ['Spacing', {}, 3, /as many/],
    ['CropOrPad', {}, 3, /as many/],
    ['NiftiToNumpy', {}, 3, /as many/],
  ] as const)('say of %s what they do', (name, params, rank, words) => {
    expect(followShapes(name, params, VOLUME)?.shapes.map(({ length }) => length)).toEqual([rank]);
    expect(describeShapes(name)).toMatch(words);
  });

  it('leave grey and coloured pictures after PilToNumpy, and no volume', () => {
    const read = followShapes('LoadImage', {}, VOLUME);
    expect(followShapes('PilToNumpy', {}, read)?.shapes.map(({ length }) => length)).toEqual([2, 3]);
    expect(followShapes('PilToNumpy', {}, VOLUME)?.shapes).toEqual([]);
    expect(describeShapes('PilToNumpy')).toMatch(/coloured/);
  });

  it('say nothing of a transform whose shapes are unknown', () => {
    expect(describeShapes('TopK')).toBeUndefined();
    expect(followShapes('TopK', {}, VOLUME)).toBeUndefined();
  });

  it.each([
    ['a missing axis', 'Softmax', { axis: 3 }],
    ['another number of axes', 'Transpose', { axes: [1, 0] }],
    ['an axis of known length', 'Squeeze', { axis: 5 }],
  ])('leave no shape after %s', (_, name, params) => {
    expect(followShapes(name, params, VOLUME)?.shapes).toEqual([]);
  });
});
