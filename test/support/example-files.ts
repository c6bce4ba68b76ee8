import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { encodeNifti } from '../../src/core/imaging/nifti/write.js';
import { encodePng } from '../../src/core/imaging/png.js';
import { wrapNdArray } from '../../src/core/tensor/ndarray.js';
import type { Affine } from '../../src/core/tensor/value.js';
import { encodeTinyModel, intAttribute } from './tiny-onnx.js';
import { AFFINES, createRandom, geometryOf } from './volumes.js';

const SIDE = 64;

/** `score` [n, 2] of `xray` [n, 1, 64, 64]: the brighter the picture, the more of class 1. */
function encodeClassifier(): Uint8Array {
  const pixels = SIDE * SIDE;
  const weights = Float32Array.from({ length: pixels * 2 }, (_, index) => (index % 2 === 0 ? 0 : 1 / pixels));
  return encodeTinyModel({
    inputs: [{ name: 'xray', shape: ['n', 1, SIDE, SIDE] }],
    outputs: [{ name: 'score', shape: ['n', 2] }],
    nodes: [
      { op: 'Flatten', inputs: ['xray'], outputs: ['flat'] },
      { op: 'MatMul', inputs: ['flat', 'weights'], outputs: ['score'] },
    ],
    initializers: [{ name: 'weights', dims: [pixels, 2], raw: new Uint8Array(weights.buffer) }],
  });
}

/** `lesion` [n, 3, x, y, z] of `t1` and `flair`: both, and the first turned about. */
function encodeSegmentation(): Uint8Array {
  const shape = ['n', 1, 'x', 'y', 'z'];
  return encodeTinyModel({
    inputs: [
      { name: 't1', shape },
      { name: 'flair', shape },
    ],
    outputs: [{ name: 'lesion', shape: ['n', 3, 'x', 'y', 'z'] }],
    nodes: [
      { op: 'Neg', inputs: ['t1'], outputs: ['dark'] },
      { op: 'Concat', inputs: ['dark', 't1', 'flair'], outputs: ['lesion'], attributes: [intAttribute('axis', 1)] },
    ],
  });
}

function encodeScan(shape: readonly number[], affine: Affine, seed: number): Uint8Array {
  const random = createRandom(seed);
  const voxels = Int16Array.from({ length: shape.reduce((a, b) => a * b) }, () => Math.floor(random() * 1000));
  const array = wrapNdArray('int16', shape, voxels);
  return Buffer.concat(encodeNifti({ array, geometry: geometryOf(array, affine), compress: true }));
}

/** Writes what the examples of the documentation begin with: two graphs, a grey picture, two scans on grids of their own. */
export function writeExampleFiles(folder: string): void {
  const [width, height] = [96, 80];
  const grey = Uint8Array.from({ length: width * height }, (_, index) => (index % width) * 2);
  const files = {
    'xray.onnx': encodeClassifier(),
    'lesion.onnx': encodeSegmentation(),
    'scan.png': encodePng({ width, height, channels: 1, data: grey }),
    't1.nii.gz': encodeScan([20, 22, 10], AFFINES['oblique']!, 1),
    'flair.nii.gz': encodeScan([24, 20, 12], AFFINES['RAS']!, 2),
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(path.join(folder, name), bytes);
}
