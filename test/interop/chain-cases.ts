import { encodeNifti } from '../../src/core/imaging/nifti/write.js';
import type { DType, TypedArray } from '../../src/core/tensor/dtype.js';
import { DTYPES } from '../../src/core/tensor/dtype.js';
import { type NdArray, wrapNdArray } from '../../src/core/tensor/ndarray.js';
import type { Affine, Fields, Plain } from '../../src/core/tensor/value.js';

export interface ChainCase {
  readonly name: string;
  readonly steps: readonly { readonly type: string; readonly params: { readonly [name: string]: Plain } }[];
  readonly fields: Fields;
  /** Greatest difference allowed; 0 demands equal bits. Named where libraries differ in the last bit. */
  readonly tolerance: number;
}

/** Numbers that only look random, the same in every run: a linear congruential generator, constants of Numerical Recipes. */
function numbers(count: number, seed: number): number[] {
  let state = seed >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
}

function madeArray(dtype: DType, shape: readonly number[], seed = 1): NdArray {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = numbers(count, seed);
  const data: TypedArray = new DTYPES[dtype].array(count);
  values.forEach((value, n) => {
    const scaled = DTYPES[dtype].kind === 'float' ? (value - 0.4) * 200 : Math.floor(value * 100);
    const cut = value < 0.1 ? 0 : scaled;
    data[n] = (
      data instanceof BigInt64Array || data instanceof BigUint64Array ? BigInt(Math.floor(cut)) : cut
    ) as never;
  });
  return wrapNdArray(dtype, shape, data);
}

const AFFINES: Record<string, Affine> = {
  las: [-2, 0, 0, 30, 0, 2, 0, -40, 0, 0, 2.5, -20, 0, 0, 0, 1],
  permuted: [0, 0, 1.5, -10, -1, 0, 0, 20, 0, 2, 0, 5, 0, 0, 0, 1],
  oblique: [1.2, -0.4, 0.1, -25, 0.35, 1.1, -0.3, -30, 0.05, 0.4, 1.6, -12, 0, 0, 0, 1],
};

function volume(kind: keyof typeof AFFINES, dtype: DType, shape: readonly number[] = [9, 8, 7]): Fields {
  const affine = AFFINES[kind]!;
  const geometry = { affine, spatialAxes: [0, 1, 2], original: { shape, affine, source: 'array' } } as const;
  const bytes = Buffer.concat(encodeNifti({ array: madeArray(dtype, shape), geometry }));
  return new Map([['image', { kind: 'file', bytes }]]);
}

const plainArray = (dtype: DType, shape: readonly number[]): Fields =>
  new Map([['image', { kind: 'array', array: madeArray(dtype, shape) }]]);

const step = (type: string, params: { [name: string]: Plain } = {}): ChainCase['steps'][number] => ({
  type,
  params: { fields: ['image'], ...params },
});

const ARRAY_STEPS: [string, { [name: string]: Plain }, number?][] = [
  ['CreateConstantFlags', { fields: ['flag'], values: [3] }],
  ['RenameFields', { new_fields: ['other'] }],
  ['FilterFields', {}],
  ['GetShape', {}],
  ['GetContent', {}],
  ['CropCenteredSubVolumes', { size: [5, 8, 3] }],
  ['MapValues', { min_value: -1, max_value: 2 }],
  ['MapValues', { min_value: 0, max_value: 1, channelwise: true }],
  ['ThresholdValues', { threshold: 12, direction: 'greater/equal' }],
  ['AddChannelDimension', {}],
  ['LabelMapToOneHot', { classes: [0, 1, 5] }],
  ['StackImagesChannelwise', { fields: ['image', 'image'], dst_field: 'stack' }],
  ['StackImagesChannelwise', { fields: ['image', 'image'], dst_field: 'stack', create_new_dim: false }],
  ['FixedMeanStdNormalization', { mean: 3.5, std: 7 }],
  ['RepeatTensor', { reps: [2, 1, 3] }],
  ['NumpyToNifti', {}],
  ['AddBatchDimension', {}],
  ['Argmax', { axis: 1 }],
  ['Cast', { dtype: 'int16' }],
  ['ClipIntensity', { lower: -5, upper: 20 }],
  ['ClipPercentile', { lower: 5, upper: 90 }],
  ['ClipPercentile', { nonzero: true, channelwise: true }],
  ['CropForeground', { threshold: 30, margin: 1 }],
  ['CropOrPad', { size: [9, 4, -1], fill: 2 }],
  ['HUWindow', { center: 10, width: 40 }],
  ['MapLabels', { mapping: { '0': 3, '7': 1 }, default: 0 }],
  ['PadToMultiple', { k: 8 }],
  ['PadToMultiple', { k: [4, 2, 8], where: 'end', fill: 1 }],
  ['RegionsToLabels', { order: [2, 1, 3, 4, 5, 6], threshold: 10 }],
  ['Resize', { size: [4, 9, 5] }],
  ['Resize', { size: [4, 9], mode: 'nearest' }],
  ['ScaleIntensityRange', { a_min: -10, a_max: 50, b_min: 0, b_max: 1, clip: true }],
  ['ScaleRangePercentile', { lower: 2, upper: 98 }],
  ['SelectChannel', { index: -1, axis: 1 }],
  ['Sigmoid', {}, 1e-7],
  ['Softmax', { axis: 0 }, 1e-7],
  ['Threshold', { threshold: [1, 2, 3, 4, 5, 6] }],
  ['Transpose', { axes: [2, 0, 1] }],
  ['ZScore', { nonzero: true }],
  ['ZScore', { channelwise: true }],
];

const ONLY: Record<string, readonly DType[]> = { MapLabels: ['int16', 'uint8'], GetContent: ['float32'] };

const arrayCases = ARRAY_STEPS.flatMap(([type, params, tolerance = 0]) =>
  (ONLY[type] ?? (['float32', 'float64', 'int16', 'uint8'] as const)).map(
    (dtype): ChainCase => ({
      name: `${type} ${JSON.stringify(params)} on ${dtype}`,
      steps: [step(type, params)],
      fields: plainArray(dtype, [6, 5, 7]),
      tolerance,
    }),
  ),
);

const LOAD = step('LoadImage');

/** Chains over volumes; oblique ones may differ by the last bit of an inverse matrix. */
const VOLUME_STEPS: [string, ReturnType<typeof step>[]][] = [
  ['NiftiToNumpy', [LOAD, step('NiftiToNumpy')]],
  ['NiftiToNumpy multichannel', [LOAD, step('NiftiToNumpy', { multichannel: true })]],
  ['Orientation RAS', [LOAD, step('Orientation', { axcodes: 'RAS' })]],
  ['Orientation PIR', [LOAD, step('NiftiToNumpy'), step('Orientation', { axcodes: 'PIR' })]],
  ['Spacing', [LOAD, step('Spacing', { pixdim: [1, 1.5, 2] })]],
  ['Spacing nearest', [LOAD, step('Orientation'), step('Spacing', { pixdim: 1, mode: 'nearest' })]],
  ['ResampleNiftiVolumes', [LOAD, step('ResampleNiftiVolumes', { resolution: [2, 1.5, 1] })]],
  [
    'ResampleNiftiVolumes nearest',
    [LOAD, step('ResampleNiftiVolumes', { resolution: [1, 1, 1], interpolation: 'nearest' }), step('NiftiToNumpy')],
  ],
  [
    'the whole road and back',
    [
      ...[LOAD, step('Orientation'), step('Spacing', { pixdim: [1, 1, 1] }), step('ZScore', { nonzero: true })],
      ...[step('PadToMultiple', { k: 8 }), step('AddChannelDimension'), step('AddBatchDimension')],
      ...[step('Squeeze', { axis: 0 }), step('RestoreGeometry', { interpolation: 'linear' })],
      ...[step('SelectChannel', { index: 0 }), step('WriteNifti')],
    ],
  ],
  [
    'there and back without sampling',
    [
      ...[LOAD, step('Orientation'), step('CropOrPad', { size: [12, 4, 6] }), step('RestoreGeometry')],
      step('WriteNifti', { dtype: 'int16' }),
    ],
  ],
  [
    'one field onto the grid of another',
    [
      ...[LOAD, { type: 'LoadImage', params: { fields: ['image'] } }, step('Spacing', { pixdim: 3 })],
      { type: 'CreateConstantFlags', params: { fields: ['flag'], values: ['x'] } },
      step('CropForeground', { margin: 1 }),
    ],
  ],
];

const volumeCases = VOLUME_STEPS.flatMap(([name, steps]) =>
  Object.keys(AFFINES).flatMap((kind) =>
    (['int16', 'float32', 'uint8'] as const).map(
      (dtype): ChainCase => ({
        name: `${name} on ${kind} ${dtype}`,
        steps,
        fields: volume(kind, dtype),
        tolerance: kind === 'oblique' ? 2e-5 : 1e-6,
      }),
    ),
  ),
);

/** More elements than are summed at once, and not a multiple of what is summed side by side. */
const LONG = [3, 29, 101] as const;

const Z_SCORES: { [name: string]: Plain }[] = [{}, { nonzero: true }, { channelwise: true }];

const longCases = Z_SCORES.flatMap((params) =>
  (['float32', 'float64'] as const).flatMap((dtype): ChainCase[] => [
    {
      name: `ZScore ${JSON.stringify(params)} on many of ${dtype}`,
      steps: [step('ZScore', params)],
      fields: plainArray(dtype, LONG),
      tolerance: 0,
    },
    {
      name: `ZScore ${JSON.stringify(params)} on a large volume of ${dtype}`,
      steps: [LOAD, step('ZScore', params)],
      fields: volume('las', dtype, LONG),
      tolerance: 0,
    },
  ]),
);

export const CHAIN_CASES: readonly ChainCase[] = [...arrayCases, ...volumeCases, ...longCases];
