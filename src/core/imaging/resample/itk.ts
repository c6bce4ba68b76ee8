import { EisenError } from '../../errors/error.js';
import { toContiguous } from '../../tensor/contiguous.js';
import { createNdArray } from '../../tensor/ndarray.js';
import type { ImageValue } from '../../tensor/value.js';
import { multiplyAffines, type Vector } from '../affine.js';
import { invertAffine } from '../invert-affine.js';
import { type ItkGrid, itkGridOf } from '../itk/itk-grid.js';

/**
 * Eisen's ResampleITKVolumes on a float32 image of form `itk`, axes (z, y, x): the size is cut, not rounded; origin and
 * direction stay; any interpolation but 'nearest' is linear; samples more than half a voxel outside are 0. Bit for bit
 * SimpleITK's for axis-aligned and permuted volumes. For oblique ones ITK inverts the direction by a singular value
 * decomposition whose last bits we do not follow: linear values agree within one float32 step, and a nearest sample that
 * lies exactly between two voxels may fall to the other. Throws TENSOR_SHAPE unless there are three axes.
 */
export function resampleItk(
  image: ImageValue,
  { resolution, interpolation }: { readonly resolution: Vector; readonly interpolation: string },
): ImageValue {
  const { array } = image;
  if (array.shape.length !== 3 || array.dtype !== 'float32') {
    throw new EisenError(
      'TENSOR_SHAPE',
      `ITK resampling takes three axes of float32; found [${array.shape.join(', ')}] ${array.dtype}.`,
    );
  }
  const grid = itkGridOf(image);
  const size = [array.shape[2]!, array.shape[1]!, array.shape[0]!];
  const shape = size.map((length, axis) => Math.trunc(length * (grid.spacing[axis]! / resolution[axis]!)));
  if (!resolution.every((step) => step > 0) || !shape.every((length) => length >= 0 && length <= 32767)) {
    throw new EisenError(
      'GEOMETRY',
      `resampling to ${resolution.join(' × ')} mm gives [${shape.join(', ')}] voxels; expected at most 32767 along each axis.`,
    );
  }
  const source: Source = { data: toContiguous(array).data as Float32Array, size };
  const out = createNdArray('float32', [shape[2]!, shape[1]!, shape[0]!]);
  const write = interpolation === 'nearest' ? nearestRow : linearRow;
  const target = { ...grid, spacing: resolution };
  const toSource = createIndexMap(target, grid);
  const ends = [new Float64Array(3), new Float64Array(3)] as const;
  let at = 0;
  for (let z = 0; z < shape[2]!; z += 1) {
    for (let y = 0; y < shape[1]!; y += 1, at += shape[0]!) {
      toSource([0, y, z], ends[0]);
      toSource([shape[0]!, y, z], ends[1]);
      write(source, ends, (out.data as Float32Array).subarray(at, at + shape[0]!));
    }
  }
  return {
    ...image,
    array: out,
    geometry: image.geometry && followGrid(image, target),
    extra: { ...image.extra, itk: target },
  };
}

interface Source {
  readonly data: Float32Array;
  /** Lengths along x, y, z. */
  readonly size: readonly number[];
}

/** Rows are direction × spacing, as ITK's index-to-point matrix. */
function matrixOf({ direction, spacing }: ItkGrid): number[] {
  const rows = [0, 1, 2].flatMap((row) => [...[0, 1, 2].map((n) => direction[row * 3 + n]! * spacing[n]!), 0]);
  return [...rows, 0, 0, 0, 1];
}

/** A voxel index of one grid as a fractional index of another with the same origin, through the point in millimetres. */
function createIndexMap(from: ItkGrid, to: ItkGrid): (index: Vector, out: Float64Array) => void {
  const toPoint = matrixOf(from);
  const toIndex = invertAffine(matrixOf(to));
  const product = (matrix: readonly number[], row: number, [x, y, z]: readonly number[]): number =>
    matrix[row]! * x! + matrix[row + 1]! * y! + matrix[row + 2]! * z!;
  return (index, out) => {
    const offset = to.origin.map((origin, axis) => origin + product(toPoint, axis * 4, index) - origin);
    for (let axis = 0; axis < 3; axis += 1) out[axis] = product(toIndex, axis * 4, offset);
  };
}

type Ends = readonly [Float64Array, Float64Array];

function linearRow({ data, size }: Source, [start, end]: Ends, out: Float32Array): void {
  const steps = [1, size[0]!, size[0]! * size[1]!];
  const base = new Int32Array(3);
  const step = new Int32Array(3);
  const part = new Float64Array(3);
  for (let x = 0; x < out.length; x += 1) {
    const along = x / out.length;
    let inside = true;
    for (let axis = 0; axis < 3; axis += 1) {
      const c = start[axis]! + along * (end[axis]! - start[axis]!);
      inside &&= c >= -0.5 && c < size[axis]! - 0.5;
      const low = Math.max(Math.floor(c), 0);
      const mixed = c > low && low < size[axis]! - 1;
      base[axis] = low * steps[axis]!;
      step[axis] = mixed ? steps[axis]! : 0;
      part[axis] = mixed ? c - low : 0;
    }
    if (!inside) continue;
    const at = base[0]! + base[1]! + base[2]!;
    const [dx, dy, dz] = [step[0]!, step[1]!, step[2]!];
    const [wx, wy, wz] = [part[0]!, part[1]!, part[2]!];
    const near = mix(mix(data[at]!, data[at + dx]!, wx), mix(data[at + dy]!, data[at + dx + dy]!, wx), wy);
    const far = mix(
      mix(data[at + dz]!, data[at + dx + dz]!, wx),
      mix(data[at + dy + dz]!, data[at + dx + dy + dz]!, wx),
      wy,
    );
    out[x] = mix(near, far, wz);
  }
}

/** An axis that is not mixed must not make NaN of an infinity. */
function mix(a: number, b: number, part: number): number {
  return part === 0 ? a : a + (b - a) * part;
}

function nearestRow({ data, size }: Source, [start, end]: Ends, out: Float32Array): void {
  for (let x = 0; x < out.length; x += 1) {
    const along = x / out.length;
    let at = 0;
    for (let axis = 2; axis >= 0; axis -= 1) {
      const c = start[axis]! + along * (end[axis]! - start[axis]!);
      if (!(c >= -0.5 && c < size[axis]! - 0.5)) at = Number.NaN;
      at = at * size[axis]! + Math.floor(c + 0.5);
    }
    if (at >= 0) out[x] = data[at]!;
  }
}

/** The affine follows the voxel grid of the file, whichever of its two forms ITK went by. */
function followGrid(image: ImageValue, target: ItkGrid): ImageValue['geometry'] {
  const { spacing } = itkGridOf(image);
  const [x, y, z] = spacing.map((size, axis) => target.spacing[axis]! / size) as [number, number, number];
  const scaling = [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1];
  return { ...image.geometry!, affine: multiplyAffines(image.geometry!.affine, scaling) };
}
