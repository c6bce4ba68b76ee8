import { describe, expect, it } from '@jest/globals';
import { toContiguous } from '../../../../src/core/tensor/contiguous.js';
import type { NdArray } from '../../../../src/core/tensor/ndarray.js';
import type { ArrayValue, Geometry } from '../../../../src/core/tensor/value.js';
import { channelsAlong, isLazy, lazyArrayValue } from '../../../../src/core/transforms/prediction/lazy-channels.js';
import { runOnImage, runSteps } from '../../../support/run-steps.js';
import { AFFINES, at, fillVolume, placed } from '../../../support/volumes.js';

const SHAPE = [6, 5, 4];
/** A prediction of `channels` channels on a grid that was padded and turned. */
async function prediction(
  channels: number,
  value: (c: number, x: number, y: number, z: number) => number,
): Promise<ArrayValue> {
  const image = placed(
    fillVolume(SHAPE, () => 1),
    AFFINES['oblique']!,
  );
  const inside = await runOnImage(
    [
      ['Orientation', { axcodes: 'RAS' }],
      ['Spacing', { pixdim: 1.1 }],
      ['PadToMultiple', { k: 4 }],
    ],
    image,
  );
  const array = fillVolume([...inside.array.shape, channels], (x, y, z, c) => value(c!, x!, y!, z!));
  const first: NdArray = {
    ...array,
    shape: [channels, ...inside.array.shape],
    strides: [array.strides[3]!, ...array.strides.slice(0, 3)],
  };
  const geometry: Geometry = { ...inside.geometry!, spatialAxes: [1, 2, 3] };
  return { kind: 'array', array: first, geometry };
}
const pattern = (c: number, x: number, y: number, z: number): number => Math.sin(c * 1.7 + x * 0.9 + y * 0.4 - z * 1.1);

describe('a restored prediction with channels', () => {
  it('is not made before somebody reads it', async () => {
    const restored = await runOnImage([['RestoreGeometry', {}]], await prediction(3, pattern));
    expect(isLazy(restored)).toBe(true);
    expect(channelsAlong(restored, 0).shape).toEqual([3, ...SHAPE]);
    expect(restored.geometry!.affine).toEqual(AFFINES['oblique']!);
  });

  it.each([
    ['Argmax', {}],
    ['RegionsToLabels', { order: [3, 1, 2], threshold: 0.2 }],
    ['Threshold', { threshold: [0.1, 0.2, 0.3] }],
    ['Threshold', { threshold: 0.3 }],
  ])('gives %s the same as a restored one that was made', async (type, params) => {
    const restored = await runOnImage([['RestoreGeometry', {}]], await prediction(3, pattern));
    const made: ArrayValue = { kind: 'array', array: restored.array, geometry: restored.geometry! };
    const [lazy, plain] = await Promise.all([
      runOnImage([[type, params]], restored),
      runOnImage([[type, params]], made),
    ]);
    expect(lazy.array.shape).toEqual(plain.array.shape);
    expect(toContiguous(lazy.array).data).toEqual(toContiguous(plain.array).data);
    expect(lazy.geometry).toEqual(plain.geometry);
  });

  it('never holds more than one restored channel at a time, of twenty-five', async () => {
    let open = 0;
    const wanted: number[] = [];
    const geometry = (await prediction(1, pattern)).geometry!;
    const source = {
      dtype: 'float32',
      shape: [25, ...SHAPE],
      axis: 0,
      readChannel: (n: number) => {
        open += 1;
        wanted.push(n);
        return fillVolume(SHAPE, (x) => (n === 7 && x > 2 ? 2 : 1));
      },
    } as const;
    const labels = await runOnImage([['Argmax', {}]], lazyArrayValue(source, geometry));
    expect(wanted).toEqual(Array.from({ length: 25 }, (_, n) => n));
    expect(open).toBe(25);
    expect([at(labels.array, [0, 0, 0]), at(labels.array, [5, 0, 0])]).toEqual([0, 7]);
  });

  it('is 0 outside the field of view, or 1 in the background channel when one is named', async () => {
    const image = placed(
      fillVolume(SHAPE, () => 1),
      AFFINES['RAS']!,
    );
    const cropped = await runOnImage(
      [
        ['CropOrPad', { size: [2, 5, 4] }],
        ['AddChannelDimension', {}],
        ['RepeatTensor', { reps: [1, 1, 1, 1] }],
      ],
      image,
    );
    const geometry = (
      await runOnImage(
        [
          ['CropOrPad', { size: [2, 5, 4] }],
          ['AddChannelDimension', {}],
        ],
        image,
      )
    ).geometry!;
    const value: ArrayValue = { kind: 'array', array: cropped.array, geometry };
    const plain = await runOnImage([['RestoreGeometry', {}]], value);
    const filled = await runOnImage([['RestoreGeometry', { background: 0 }]], value);
    expect([at(plain.array, [0, 0, 0, 0]), at(filled.array, [0, 0, 0, 0])]).toEqual([0, 1]);
    await expect(runOnImage([['RestoreGeometry', { background: 1 }]], value)).rejects.toThrow(/no channel 1/);
  });

  it('keeps the batch axis of one', async () => {
    const value = await prediction(3, pattern);
    const batched = await runOnImage(
      [
        ['AddBatchDimension', {}],
        ['RestoreGeometry', {}],
      ],
      value,
    );
    expect(channelsAlong(batched, 1).shape).toEqual([1, 3, ...SHAPE]);
    const labels = await runOnImage([['Argmax', { axis: 1 }]], batched);
    const direct = await runOnImage(
      [
        ['RestoreGeometry', {}],
        ['Argmax', {}],
      ],
      value,
    );
    expect(labels.array.shape).toEqual([1, ...SHAPE]);
    expect(toContiguous(labels.array).data).toEqual(toContiguous(direct.array).data);
  });
});

describe('RestoreGeometry', () => {
  it('keeps label maps labels: nearest, same dtype', async () => {
    const value = await prediction(1, (_c, x) => x % 3);
    const labels: ArrayValue = {
      ...value,
      array: { ...fillVolume([...value.array.shape], (_c, x) => x! % 3, 'uint8') },
    };
    const { array } = await runOnImage([['RestoreGeometry', {}]], labels);
    expect(array.dtype).toBe('uint8');
    expect(Math.max(...(toContiguous(array).data as Uint8Array))).toBeLessThanOrEqual(2);
  });

  it('takes the geometry of the reference when the prediction has none but fits', async () => {
    const image = placed(
      fillVolume(SHAPE, () => 1),
      AFFINES['LAS']!,
    );
    const steps = [
      ['Orientation', { fields: ['image'] }],
      ['RestoreGeometry', { fields: ['p'], reference: 'image' }],
    ] as const;
    const bare: ArrayValue = { kind: 'array', array: fillVolume(SHAPE, (x) => x) };
    const restored = (await runSteps(steps, { image, p: bare })).get('p') as ArrayValue;
    expect(restored.geometry!.affine).toEqual(AFFINES['LAS']!);
    expect([at(restored.array, [0, 0, 0]), at(restored.array, [5, 0, 0])]).toEqual([5, 0]);
  });

  it.each([
    ['a prediction that lies nowhere', [6, 5, 4], undefined],
    ['a prediction of another size than the reference', [6, 5, 5], 'image'],
  ])('refuses %s', async (_title, shape, reference) => {
    const image = placed(
      fillVolume(SHAPE, () => 1),
      AFFINES['LAS']!,
    );
    const p: ArrayValue = { kind: 'array', array: fillVolume(shape, (x) => x!) };
    const params = { fields: ['p'], ...(reference === undefined ? {} : { reference }) };
    await expect(runSteps([['RestoreGeometry', params]], { image, p })).rejects.toMatchObject({ code: 'GEOMETRY' });
  });
});
