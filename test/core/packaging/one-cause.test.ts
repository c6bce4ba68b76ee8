import { describe, expect, it } from '@jest/globals';
import type { Metadata } from '../../../src/core/metadata/metadata.js';
import { checkPackage } from '../../../src/core/packaging/check-package.js';
import { packageParts, type Step } from '../../support/package-parts.js';

const BRAIN_PRE: Step[] = [
  { type: 'LoadImage', params: { fields: ['image'] } },
  { type: 'Orientation', params: { fields: ['image'], axcodes: 'RAS' } },
  { type: 'Spacing', params: { fields: ['image'], pixdim: [1, 1, 1] } },
  { type: 'PadToMultiple', params: { fields: ['image'], k: 8 } },
  { type: 'AddChannelDimension', params: { fields: ['image'] } },
  { type: 'AddBatchDimension', params: { fields: ['image'] } },
];
const BRAIN_POST: Step[] = [
  { type: 'Squeeze', params: { fields: ['prediction'], axis: 0 } },
  { type: 'Softmax', params: { fields: ['prediction'], axis: 0 } },
  { type: 'RestoreGeometry', params: { fields: ['prediction'], reference: 'image' } },
  { type: 'Argmax', params: { fields: ['prediction'], axis: 0 } },
  { type: 'WriteNifti', params: { fields: ['prediction'], reference: 'image' } },
];
const on = (name: string, chain: readonly Step[]): Step[] =>
  chain.map(({ type, params }) => ({ type, params: { ...params, fields: [name] } }));
const MODEL = { inputs: { image: [-1, 1, -1, -1, -1] }, outputs: { prediction: [-1, 4, -1, -1, -1] } };

const messages = (pre: readonly Step[], post: readonly Step[] = BRAIN_POST, metadata?: Metadata): string[] =>
  checkPackage(packageParts({ ...MODEL, pre, post, metadata })).problems.map(
    ({ document, pointer, message }) => `${document}${pointer} ${message}`,
  );

describe('one cause is one problem:', () => {
  it('nothing is wrong with the chains as they should be', () => {
    expect(messages(BRAIN_PRE)).toEqual([]);
  });

  it.each<[string, Step[], Step[], RegExp]>([
    ['LoadImage was forgotten', BRAIN_PRE.slice(1), BRAIN_POST, /^pre-processing\/0 Orientation: .* no known geometry/],
    [
      'LoadImage names a field that is nearly there',
      [...on('imag', BRAIN_PRE.slice(0, 1)), ...BRAIN_PRE.slice(1)],
      BRAIN_POST,
      /^pre-processing\/0 LoadImage: there is no field 'imag'/,
    ],
    [
      'every step names a field that is not there and like none that is',
      on('scan', BRAIN_PRE),
      BRAIN_POST,
      /^pre-processing\/0 LoadImage: there is no field 'scan'/,
    ],
    [
      'post-processing names another field',
      BRAIN_PRE,
      on('labels', BRAIN_POST),
      /^post-processing\/0 Squeeze: there is no field 'labels'/,
    ],
    [
      'a value of the wrong kind, of which the next steps would complain, too',
      [BRAIN_PRE[0]!, { type: 'MapValues', params: { fields: ['image'] } }, ...BRAIN_PRE.slice(1)],
      BRAIN_POST,
      /^pre-processing\/1 MapValues: field 'image' holds image; expected array/,
    ],
    [
      'an axis that is not there',
      BRAIN_PRE,
      [{ type: 'Squeeze', params: { fields: ['prediction'], axis: 1 } }, ...BRAIN_POST.slice(1)],
      /^post-processing\/0 Squeeze: field 'prediction' has the shape \[\?, 4, \?, \?, \?\] here/,
    ],
  ])('%s', (_, pre, post, message) => {
    expect(messages(pre, post)).toEqual([expect.stringMatching(message)]);
  });

  it('a name in the model lists that the graph does not have', () => {
    const inputs = { t1: [-1, 1], t2: [-1, 1] };
    const fields = Object.entries(inputs).map(([name, shape]) => ({ name, type: 'ndarray', shape }));
    const metadata = { inputs: fields, outputs: [], model_input_list: ['t1', 't3'] };
    const { problems } = checkPackage(packageParts({ inputs, outputs: {}, metadata }));
    expect(problems.map(({ pointer }) => pointer)).toEqual(['/model_input_list']);
  });

  it('two causes are two problems', () => {
    const pre = [...BRAIN_PRE, { type: 'Cast', params: { fields: ['imagge'], dtype: 'float32' } }];
    expect(messages(pre, on('labels', BRAIN_POST))).toHaveLength(2);
  });
});

describe('an input that nobody uses', () => {
  const field = (name: string, shape: number[] = [-1]) => ({ name, type: 'ndarray', shape });
  const metadata = (...outputs: string[]): Metadata => ({
    inputs: [field('image', MODEL.inputs.image), field('age')],
    outputs: [field('prediction', MODEL.outputs.prediction), ...outputs.map((name) => field(name))],
    model_input_list: ['image'],
    model_output_list: ['prediction'],
  });
  const warnings = (pre: readonly Step[], post: readonly Step[], ...outputs: string[]): readonly string[] =>
    checkPackage(packageParts({ ...MODEL, pre, post, metadata: metadata(...outputs) })).warnings;

  it('is warned of: a request without it would be refused all the same', () => {
    expect(warnings([], [])).toEqual([
      expect.stringContaining("declares the input 'age', which neither a chain nor the model reads"),
    ]);
  });

  it.each<[string, Step[], Step[], string[]]>([
    ['a step before the model', [{ type: 'Cast', params: { fields: ['age'], dtype: 'float32' } }], [], []],
    ['a step behind it', [], [{ type: 'Cast', params: { fields: ['age'], dtype: 'float32' } }], []],
    ['the reply', [], [], ['age']],
  ])('is no such input when %s takes it', (_, pre, post, outputs) => {
    expect(warnings(pre, post, ...outputs)).toEqual([]);
  });
});
