import { describe, expect, it } from '@jest/globals';
import { checkMetadata } from '../../../src/core/metadata/check-metadata.js';
import type { DescribedFields } from '../../../src/core/metadata/infer-metadata.js';
import { checkPackage } from '../../../src/core/packaging/check-package.js';
import { inferPackageMetadata } from '../../../src/core/packaging/infer-package-metadata.js';
import { packageParts, type Step } from '../../support/package-parts.js';

type Parts = Parameters<typeof packageParts>[0];

const on = (type: string, params: object = {}, ...fields: string[]): Step => ({
  type,
  params: { fields: fields.length === 0 ? ['image'] : fields, ...params },
});
const after = (type: string, params: object = {}): Step => on(type, params, 'prediction');
const VOLUMES = { inputs: { image: [-1, 1, -1, -1, -1] }, outputs: { prediction: [-1, 4, -1, -1, -1] } };
const AXES = [on('AddChannelDimension'), on('AddBatchDimension')];
const SEGMENT = [after('Squeeze', { axis: 0 }), after('Argmax', { axis: 0, dtype: 'uint8' })];

/** `name type [shape] dtype` of every field, and what was said; whatever comes out must be well formed. */
function infer(options: Parts, described?: DescribedFields) {
  const parts = packageParts(options);
  const { metadata, notes } = inferPackageMetadata(parts, described);
  expect(checkMetadata(metadata)).toEqual([]);
  const render = ({ name, type, shape, ...rest }: (typeof metadata.inputs)[number]): string =>
    `${name} ${type} [${shape.join()}] ${String(rest['dtype'] ?? '')}`.trimEnd();
  const report = checkPackage({ ...parts, metadata });
  return { inputs: metadata.inputs.map(render), outputs: metadata.outputs.map(render), notes, report };
}

describe('metadata of a graph and its chains describes what travels:', () => {
  it.each<[string, Parts, { inputs?: string[]; outputs?: string[] }]>([
    [
      'a scan for LoadImage, a label map from WriteNifti',
      {
        ...VOLUMES,
        pre: [on('LoadImage'), on('Spacing', { pixdim: 1 }), ...AXES],
        post: [...SEGMENT, after('WriteNifti', { reference: 'image' })],
      },
      { inputs: ['image nifti [-1,-1,-1]'], outputs: ['prediction nifti [-1,-1,-1] uint8'] },
    ],
    [
      'a label map with lengths and dtype, when it stays an array',
      { inputs: VOLUMES.inputs, outputs: { prediction: [1, 4, 64, 64, 32] }, post: SEGMENT },
      { outputs: ['prediction ndarray [64,64,32] uint8'] },
    ],
    [
      'labels that are cleaned and renumbered',
      { ...VOLUMES, post: [...SEGMENT, after('FillHoles'), after('MapLabels', { mapping: { 1: 7 }, dtype: 'int16' })] },
      { outputs: ['prediction ndarray [-1,-1,-1] int16'] },
    ],
    [
      'a grey picture, and a list of classes',
      {
        inputs: { image: [-1, 1, 64, 64] },
        outputs: { prediction: [-1, 2] },
        pre: [on('LoadImage'), on('Resize', { size: [64, 64] }), ...AXES],
        post: [after('TopK', { k: 2 })],
      },
      { inputs: ['image image [-1,-1]'], outputs: ['prediction json [-1]'] },
    ],
    [
      'the array before axes are added to it, with the lengths that the graph fixes',
      { inputs: { image: [-1, 1, 64, -1, 32] }, outputs: VOLUMES.outputs, pre: AXES },
      { inputs: ['image ndarray [64,-1,32] float32'], outputs: ['prediction ndarray [-1,4,-1,-1,-1] float32'] },
    ],
    [
      'the axes in the order of the request',
      { inputs: { image: [2, 3, 5] }, outputs: VOLUMES.outputs, pre: [on('Transpose', { axes: [2, 0, 1] })] },
      { inputs: ['image ndarray [3,5,2] float32'] },
    ],
    [
      'the name that the chain takes, not the name that the graph has',
      {
        ...VOLUMES,
        pre: [
          on('LoadNiftiFromFilename', {}, 'scan'),
          on('NiftiToNumpy', {}, 'scan'),
          on('RenameFields', { new_fields: ['image'] }, 'scan'),
          ...AXES,
        ],
        post: [{ type: 'RenameFields', params: { fields: ['prediction'], new_fields: ['labels'] } }],
      },
      { inputs: ['scan nifti [-1,-1,-1]'], outputs: ['labels ndarray [-1,4,-1,-1,-1] float32'] },
    ],
    [
      'what a chain adds beside the prediction',
      {
        ...VOLUMES,
        pre: [on('LoadImage'), on('Spacing', { pixdim: 1 }), ...AXES],
        post: [
          ...SEGMENT,
          after('LabelStatistics'),
          after('CompositeOverlay', { image: 'image', names: { 1: 'lesion' } }),
        ],
      },
      {
        outputs: [
          'prediction ndarray [-1,-1,-1] uint8',
          'prediction_statistics json [-1]',
          'prediction_overlay image [-1,-1,3]',
        ],
      },
    ],
    [
      'two scans of one graph',
      {
        inputs: { t1: VOLUMES.inputs.image, flair: VOLUMES.inputs.image },
        outputs: VOLUMES.outputs,
        pre: [
          on('LoadImage', {}, 't1', 'flair'),
          on('ResampleToReference', { reference: 't1' }, 'flair'),
          on('ZScore', {}, 't1', 'flair'),
          on('AddChannelDimension', {}, 't1', 'flair'),
          on('AddBatchDimension', {}, 't1', 'flair'),
        ],
        post: [...SEGMENT, after('WriteNifti', { reference: 't1' })],
      },
      { inputs: ['t1 nifti [-1,-1,-1]', 'flair nifti [-1,-1,-1]'], outputs: ['prediction nifti [-1,-1,-1] uint8'] },
    ],
  ])('%s', (_, parts, expected) => {
    const { report, notes, ...found } = infer(parts);
    expect(found).toMatchObject(expected);
    expect(notes).toEqual([]);
    expect(report).toEqual({ problems: [], warnings: [] });
  });
});

describe('what the chains do not tell is said, not guessed:', () => {
  const PICTURES = { inputs: { image: [-1, 3, -1, -1] }, outputs: { prediction: [-1, 2] } };
  it.each<[string, Parts, string | null, RegExp]>([
    [
      'a volume and a coloured picture both fit',
      { ...PICTURES, pre: [on('LoadImage'), on('Transpose', { axes: [2, 0, 1] }), on('AddBatchDimension')] },
      'image nifti [-1,-1,-1]',
      /'image' is described as nifti with 3 axes; the chains would take a coloured picture, too/,
    ],
    [
      'a step whose shapes are not followed',
      { ...PICTURES, pre: [on('RepeatTensor', { reps: [1, 1] })] },
      'image ndarray [-1,3,-1,-1] float32',
      /'image' is described as the graph has it; the chain does not tell how many axes/,
    ],
    [
      'no file fits',
      { ...PICTURES, inputs: { image: [-1] }, pre: [on('LoadImage'), on('Cast', { dtype: 'float32' })] },
      'image nifti [-1,-1,-1]',
      /no file fits the chains and the graph/,
    ],
  ])('%s', (_, parts, input, note) => {
    const { inputs, notes } = infer(parts);
    expect(inputs).toEqual([input]);
    expect(notes).toEqual([expect.stringMatching(note)]);
  });

  it.each<[string, Step, string, RegExp]>([
    [
      'an output after a step of unknown shape',
      after('RepeatTensor', { reps: [2] }),
      'prediction ndarray [-1,4,-1,-1,-1] float32',
      /described as the graph gives it/,
    ],
    [
      'the bytes of a file without a type name',
      after('WriteNPY'),
      'prediction ndarray [-1,4,-1,-1,-1] float32',
      /described as the graph gives it/,
    ],
    [
      'a volume of unknown axes',
      after('WriteNifti'),
      'prediction nifti [-1,-1,-1] float32',
      /the chain does not tell how many it has/,
    ],
  ])('%s', (_, step, output, note) => {
    const { outputs, notes } = infer({
      ...VOLUMES,
      pre: [on('LoadImage'), on('Spacing', { pixdim: 1 }), ...AXES],
      post: [step],
    });
    expect(outputs).toEqual([output]);
    expect(notes).toEqual([expect.stringMatching(note)]);
  });

  it('a field of which nobody says how many axes it has', () => {
    const pre = [on('RepeatTensor', { reps: [1] }, 'scan'), on('RenameFields', { new_fields: ['image'] }, 'scan')];
    expect(() => infer({ ...VOLUMES, pre })).toThrow(/scan: the chain does not tell how many axes/);
    const { inputs } = infer({ ...VOLUMES, pre }, { inputs: [{ name: 'scan', type: 'ndarray', shape: [-1, -1] }] });
    expect(inputs).toEqual(['scan ndarray [-1,-1]']);
  });

  it('a chain that fails whatever comes', () => {
    const { notes } = infer({ ...VOLUMES, pre: [on('LoadImage'), ...AXES], post: [after('Argmax', { axis: 9 })] });
    expect(notes.slice(0, 2)).toEqual([
      expect.stringMatching(/^pre.json#\/1: AddChannelDimension: field 'image' holds image; expected array/),
      expect.stringMatching(/^post.json#\/0: Argmax: field 'prediction' has the shape/),
    ]);
  });

  it('a name that nearly is one of the graph', () => {
    const pre = [on('RenameFields', { new_fields: ['image'] }, 'imgae')];
    expect(infer({ ...VOLUMES, pre }).notes).toEqual([
      "pre.json takes 'imgae' from the request; the graph has 'image'. Is that meant?",
    ]);
  });

  it('a field that the chain reads beside all inputs of the graph: no input is made of a slip', () => {
    const pre = [on('LoadImage', {}, 'img'), on('Spacing', { pixdim: 1 }), ...AXES];
    const { inputs, notes } = infer({ ...VOLUMES, pre });
    expect(inputs).toHaveLength(1);
    expect(notes[0]).toMatch(/^pre.json#\/0: LoadImage: there is no field 'img'; the fields here are: image/);
  });
});

describe('what a person describes wins over graph and chains:', () => {
  it('an input, an output and a field that neither has', () => {
    const described = {
      inputs: [
        { name: 'image', type: 'dicom', shape: [-1, -1, -1] },
        { name: 'age', type: 'str', shape: [] },
      ],
      outputs: [{ name: 'prediction', type: 'nifti', shape: [64, 64, 32] }],
    };
    const { inputs, outputs } = infer({ ...VOLUMES, pre: [on('LoadImage'), ...AXES], post: SEGMENT }, described);
    expect([...inputs, ...outputs]).toEqual(['image dicom [-1,-1,-1]', 'age str []', 'prediction nifti [64,64,32]']);
  });

  it('and without chains the graph alone speaks', () => {
    expect(infer(VOLUMES)).toMatchObject({
      inputs: ['image ndarray [-1,1,-1,-1,-1] float32'],
      outputs: ['prediction ndarray [-1,4,-1,-1,-1] float32'],
    });
  });
});
