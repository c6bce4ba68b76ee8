import { describe, expect, it } from '@jest/globals';
import type { OnnxGraph } from '../../../src/core/onnx/graph.js';
import { checkPackage } from '../../../src/core/packaging/check-package.js';
import { parseChain } from '../../../src/core/transforms/chain.js';

const graph = {
  inputs: [{ name: 'image', dtype: 'float32', shape: [-1, 1, -1, -1, -1] }],
  outputs: [{ name: 'prediction', dtype: 'float32', shape: [-1, 4, -1, -1, -1] }],
} as unknown as OnnxGraph;
const metadata = {
  inputs: [{ name: 'image', type: 'nifti', shape: [-1, -1, -1] }],
  outputs: [{ name: 'prediction', type: 'nifti', shape: [-1, -1, -1] }],
};
const IMAGE = { fields: ['image'] };
const POST = [
  { type: 'RestoreGeometry', params: { fields: ['prediction'] } },
  { type: 'Argmax', params: { fields: ['prediction'], axis: 1 } },
];
const check = (pre: unknown[]) =>
  checkPackage({
    graph,
    metadata,
    pre: parseChain(pre, 'pre.json', 'pre'),
    post: parseChain(POST, 'post.json', 'post'),
  });

describe('a package whose chain needs the geometry', () => {
  it('is good when the geometry reaches the model', () => {
    expect(
      check([
        { type: 'LoadImage', params: IMAGE },
        { type: 'Spacing', params: { ...IMAGE, pixdim: 1 } },
        { type: 'AddChannelDimension', params: IMAGE },
        { type: 'AddBatchDimension', params: IMAGE },
      ]).problems,
    ).toEqual([]);
  });

  it('says which step before the model lost it', () => {
    const { problems } = check([
      { type: 'LoadImage', params: IMAGE },
      { type: 'Cast', params: { ...IMAGE, dtype: 'float32' } },
      { type: 'RepeatTensor', params: { ...IMAGE, reps: [2, 1, 1] } },
    ]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ document: 'post-processing', code: 'GEOMETRY', pointer: '/0' });
    expect(problems[0]!.message).toBe(
      "RestoreGeometry: field 'prediction' has no known geometry since RepeatTensor (pre.json#/2).",
    );
  });

  it('names NumpyToNifti, which writes the identity over the geometry, once', () => {
    const { problems } = check([
      { type: 'LoadImage', params: IMAGE },
      { type: 'NiftiToNumpy', params: IMAGE },
      { type: 'NumpyToNifti', params: IMAGE },
      { type: 'Spacing', params: { ...IMAGE, pixdim: 1 } },
    ]);
    expect(problems.map(({ document, message }) => [document, message.includes('NumpyToNifti (pre.json#/2)')])).toEqual(
      [['pre-processing', true]],
    );
  });
});
