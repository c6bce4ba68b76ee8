import type { TestVolume } from './derived-volumes.js';

// See derived-volumes.ts.
const { round } = Math;

interface Storage {
  readonly bigEndian?: boolean;
  /** Stored = (value − intercept) / slope, rounded, as int16. */
  readonly slope?: number;
  readonly intercept?: number;
}

/** A NIfTI-1 file of int16 voxels with an sform of code 1, written here field by field: it must not share code with our writer. */
export function renderInt16Nifti(
  volume: TestVolume,
  { bigEndian = false, slope = 1, intercept = 0 }: Storage = {},
): Buffer {
  const file = Buffer.alloc(352 + volume.values.length * 2);
  const little = !bigEndian;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  view.setInt32(0, 348, little);
  [3, ...volume.shape, 1, 1, 1, 1].forEach((n, k) => {
    view.setInt16(40 + 2 * k, n, little);
  });
  view.setInt16(70, 4, little);
  view.setInt16(72, 16, little);
  const sizes = [0, 1, 2].map((column) => Math.hypot(...[0, 4, 8].map((row) => volume.affine[row + column]!)));
  [1, ...sizes, 1, 1, 1, 1].forEach((n, k) => {
    view.setFloat32(76 + 4 * k, n, little);
  });
  view.setFloat32(108, 352, little);
  view.setFloat32(112, slope, little);
  view.setFloat32(116, intercept, little);
  view.setUint8(123, 2);
  view.setInt16(254, 1, little);
  volume.affine.slice(0, 12).forEach((n, k) => {
    view.setFloat32(280 + 4 * k, n, little);
  });
  file.write('n+1\0', 344, 'latin1');
  for (let n = 0; n < volume.values.length; n += 1) {
    view.setInt16(352 + 2 * n, round((volume.values[n]! - intercept) / slope), little);
  }
  return file;
}
