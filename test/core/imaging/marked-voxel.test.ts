import { describe, expect, it } from '@jest/globals';
import { applyAffine, multiplyAffines, type Vector } from '../../../src/core/imaging/affine.js';
import { readNifti } from '../../../src/core/imaging/nifti/read.js';
import { encodeNifti } from '../../../src/core/imaging/nifti/write.js';
import { toClosestCanonical } from '../../../src/core/imaging/reorient.js';
import { resampleLikeNilearn } from '../../../src/core/imaging/resample/nilearn.js';
import { createNdArray, type NdArray } from '../../../src/core/tensor/ndarray.js';

const SHAPE: Vector = [11, 9, 7];
const MARK: Vector = [8, 2, 5];

/** The 48 ways to permute and flip three axes, as affines. */
function signedPermutations(): number[][] {
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  return orders.flatMap((order) =>
    Array.from({ length: 8 }, (_, signs) => {
      const matrix = new Array<number>(16).fill(0);
      matrix[15] = 1;
      order.forEach((row, column) => {
        matrix[row * 4 + column] = (signs >> column) & 1 ? -1 : 1;
      });
      return matrix;
    }),
  );
}

const cosine = Math.cos(0.3);
const sine = Math.sin(0.3);
const WORLDS = {
  straight: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  oblique: multiplyAffines(
    [cosine, -sine, 0, 12.5, sine, cosine, 0, -33, 0, 0, 1, 4, 0, 0, 0, 1],
    [1, 0, 0, 0, 0, Math.cos(0.2), -Math.sin(0.2), 0, 0, Math.sin(0.2), Math.cos(0.2), 0, 0, 0, 0, 1],
  ),
};

const SIZES = [1.5, 0, 0, 0, 0, 0.9, 0, 0, 0, 0, 2.2, 0, 0, 0, 0, 1];

function markedVolume(): NdArray {
  const array = createNdArray('float32', SHAPE, 'F');
  array.data[MARK[0] + SHAPE[0] * (MARK[1] + SHAPE[1] * MARK[2])] = 1;
  return array;
}

/** Centre of mass of a volume, in voxels. */
function centreOf(array: NdArray): Vector {
  const sums = [0, 0, 0];
  let mass = 0;
  const [nx, ny, nz] = array.shape as [number, number, number];
  const [sx, sy, sz] = array.strides as [number, number, number];
  for (let z = 0; z < nz; z += 1)
    for (let y = 0; y < ny; y += 1)
      for (let x = 0; x < nx; x += 1) {
        const value = Number(array.data[array.offset + x * sx + y * sy + z * sz]);
        mass += value;
        [x, y, z].forEach((at, axis) => {
          sums[axis]! += at * value;
        });
      }
  return [sums[0]! / mass, sums[1]! / mass, sums[2]! / mass];
}

const distance = (a: Vector, b: Vector): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe.each(Object.entries(WORLDS))('a marked voxel of a %s volume', (_name, world) => {
  const cases = signedPermutations().map((turn, n) => ({
    n,
    affine: multiplyAffines(world, multiplyAffines(turn, SIZES)),
  }));

  it('is at the same place in the world in all 48 orientations after turning to RAS+', () => {
    expect(cases).toHaveLength(48);
    for (const { affine } of cases) {
      const turned = toClosestCanonical({ array: markedVolume(), affine, spatialAxes: [0, 1, 2] });
      expect(distance(applyAffine(turned.affine, centreOf(turned.array)), applyAffine(affine, MARK))).toBeLessThan(
        1e-9,
      );
    }
  });

  it('is at the same place in the world in all 48 orientations after writing and reading', () => {
    for (const { affine } of cases) {
      const original = { shape: SHAPE, affine, source: 'array' as const };
      const pieces = encodeNifti({
        array: markedVolume(),
        geometry: { affine, spatialAxes: [0, 1, 2], original },
        compress: true,
      });
      const image = readNifti({ bytes: new Uint8Array(Buffer.concat(pieces)) });
      expect(
        distance(applyAffine(image.geometry!.affine, centreOf(image.array)), applyAffine(affine, MARK)),
      ).toBeLessThan(1e-4);
    }
  });

  it('is within a voxel of its place in all 48 orientations after resampling', () => {
    for (const { affine } of cases) {
      const result = resampleLikeNilearn({
        array: markedVolume(),
        affine,
        resolution: [0.7, 0.7, 0.7],
        interpolation: 'linear',
      });
      expect(distance(applyAffine(result.affine, centreOf(result.array)), applyAffine(affine, MARK))).toBeLessThan(
        0.35,
      );
    }
  });
});
