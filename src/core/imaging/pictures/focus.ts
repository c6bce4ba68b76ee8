import { toContiguous } from '../../tensor/contiguous.js';
import type { NdArray } from '../../tensor/ndarray.js';

/** The voxel in the middle of what is labelled, and which labels there are, rising. */
export interface Focus {
  readonly index: readonly [number, number, number];
  readonly present: readonly number[];
}

/** The centre of the labels' bounding box; of the volume when nothing is labelled. */
export function findFocus(labels: NdArray): Focus {
  const { data, shape } = toContiguous(labels, 'F');
  const [nx, ny, nz] = shape as [number, number, number];
  const low = [nx, ny, nz];
  const high = [-1, -1, -1];
  const present = new Set<number>();
  let at = 0;
  for (let z = 0; z < nz; z += 1) {
    for (let y = 0; y < ny; y += 1) {
      for (let x = 0; x < nx; x += 1, at += 1) {
        const label = Number(data[at]);
        if (!(label > 0)) continue;
        present.add(label);
        if (x < low[0]!) low[0] = x;
        if (x > high[0]!) high[0] = x;
        if (y < low[1]!) low[1] = y;
        if (y > high[1]!) high[1] = y;
        if (z < low[2]!) low[2] = z;
        high[2] = z;
      }
    }
  }
  const middle = (axis: number): number =>
    present.size === 0 ? shape[axis]! >> 1 : Math.floor((low[axis]! + high[axis]!) / 2);
  return { index: [middle(0), middle(1), middle(2)], present: [...present].sort((a, b) => a - b) };
}

const SAMPLES = 50_000;

/** Grey values shown black and white: half a percent from either end of the values that are not 0. */
export function greyWindow(image: NdArray): { low: number; high: number } {
  const { data } = toContiguous(image, 'F');
  const step = Math.max(Math.floor(data.length / SAMPLES), 1);
  const values: number[] = [];
  for (let n = 0; n < data.length; n += step) {
    const value = Number(data[n]);
    if (value !== 0 && Number.isFinite(value)) values.push(value);
  }
  if (values.length === 0) return { low: 0, high: 1 };
  values.sort((a, b) => a - b);
  const low = Math.min(values[Math.floor(values.length * 0.005)]!, 0);
  const high = values[Math.min(Math.floor(values.length * 0.995), values.length - 1)]!;
  return { low, high: high > low ? high : low + 1 };
}
