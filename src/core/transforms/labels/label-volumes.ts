import { determinant } from '../../imaging/affine.js';
import { toContiguous } from '../../tensor/contiguous.js';

import type { NdArray } from '../../tensor/ndarray.js';
import type { ArrayValue, Fields } from '../../tensor/value.js';
import { spatialAxesOf } from '../geometry/spatial-lengths.js';
import { mapVolumes } from '../geometry/volumes.js';
import { arrayValue, cannot, takeNumbers, takePlaced } from '../values.js';
import type { Shape3 } from './runs.js';

/** One volume of labels, dense, last axis fastest. It belongs to the caller and may be changed. */
export interface LabelVolume {
  readonly data: Exclude<NdArray['data'], BigInt64Array | BigUint64Array>;
  readonly shape: Shape3;
}

/** The label map of a field: stored integers of an image stay integers, floats and 64-bit integers are refused by name. */
export function takeLabels(fields: Fields, field: string): ArrayValue {
  const value = takePlaced(fields, field);
  const scaled = value.kind === 'image' && value.scaling !== undefined;
  const labels =
    value.kind === 'array' ? value : scaled ? takeNumbers(fields, field) : arrayValue(value.array, value.geometry);
  const { dtype } = labels.array;
  if (dtype === 'int64' || dtype === 'uint64' || dtype === 'float16')
    throw cannot(field, `labels of dtype ${dtype} are not worked on; put Cast to int32 before this step.`);
  return labels;
}

/** Works on every volume of a label map and leaves the changed map. */
export function changeLabels(value: ArrayValue, work: (volume: LabelVolume) => void): ArrayValue {
  const array = mapVolumes(value.array, spatialAxesOf(value), (view) => {
    const dense = toContiguous(view);
    const data = dense.data.slice() as LabelVolume['data'];
    work({ data, shape: dense.shape as unknown as Shape3 });
    return { ...dense, data };
  });
  return arrayValue(array, value.geometry);
}

/** Volume of one voxel in mm³; throws when the value does not know where it lies. */
export function voxelVolume({ geometry }: ArrayValue, field: string): number {
  if (geometry === undefined)
    throw cannot(field, 'it has no known geometry, so its voxels have no size in mm³; give voxels instead.');
  return Math.abs(determinant(geometry.affine));
}

/** The labels of a volume but 0, rising. */
export function labelsIn({ data }: LabelVolume): number[] {
  const seen = new Set<number>();
  let last = 0;
  for (let n = 0; n < data.length; n += 1) {
    const label = data[n]!;
    if (label !== last) {
      seen.add(label);
      last = label;
    }
  }
  seen.delete(0);
  return [...seen].sort((a, b) => a - b);
}

/** 1 where the volume has this label. */
export function maskOf({ data }: LabelVolume, label: number): Uint8Array {
  const mask = new Uint8Array(data.length);
  for (let n = 0; n < data.length; n += 1) if (data[n] === label) mask[n] = 1;
  return mask;
}
