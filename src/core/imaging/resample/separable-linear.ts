import type { DType, TypedArray } from '../../tensor/dtype.js';
import type { Affine } from '../../tensor/value.js';
import type { Vector } from '../affine.js';
import { openKernels } from '../kernels/kernels.js';
import { type AxisTaps, axisCoordinates, createTaps } from './axis-taps.js';

interface Job {
  readonly data: Exclude<TypedArray, BigInt64Array | BigUint64Array>;
  readonly sourceShape: Vector;
  readonly shape: Vector;
  readonly toSource: Affine;
  readonly out: Exclude<TypedArray, BigInt64Array | BigUint64Array>;
  readonly dtype: DType;
}

/** Beyond this the weighed rows of two planes are not kept; the caller then takes the slower way. */
const MOST_CACHE_BYTES = 256 * 1024 * 1024;

const INT_RANGE: Partial<Record<DType, readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
  int32: [-2147483648, 2147483647],
};

/** True when this way gives the same bits as the general one for this dtype and size. */
export function canMixRows(dtype: DType, sourceShape: Vector, shape: Vector): boolean {
  const cache = 2 * sourceShape[1] * rowBytes(evenLength(shape[0]));
  return (dtype === 'float32' || INT_RANGE[dtype] !== undefined) && cache <= MOST_CACHE_BYTES;
}

const evenLength = (length: number): number => length + (length & 1);
const rowBytes = (length: number): number => 2 * length * 8;

/**
 * Trilinear interpolation under a diagonal transform, the same sum in the same order as the general sampler. The products
 * of a source row with the weights along x serve every output row that touches it, so they are kept for two planes.
 * Interpolated values never leave the source's range, so nothing has to be clipped after.
 */
export function resampleSeparableLinear(job: Job): void {
  const { data, sourceShape, shape, out, dtype } = job;
  const [tx, ty, tz] = ([0, 1, 2] as const).map((axis) =>
    createTaps(
      axisCoordinates(shape[axis], job.toSource[axis * 5]!, job.toSource[axis * 4 + 3]!),
      sourceShape[axis],
      1,
    ),
  ) as [AxisTaps, AxisTaps, AxisTaps];
  const mixer = createMixer(sourceShape, tx, shape[0]);
  const range = INT_RANGE[dtype];
  const result = range ? mixer.integers : mixer.row;
  let at = 0;
  for (let z = 0; z < shape[2]; z += 1) {
    const z0 = tz.index[2 * z]!;
    const z1 = tz.index[2 * z + 1]!;
    for (let y = 0; y < shape[1]; y += 1, at += shape[0]) {
      if (!tz.inside[z] || !ty.inside[y]) continue;
      const y0 = ty.index[2 * y]!;
      const y1 = ty.index[2 * y + 1]!;
      // Plain arguments: this runs once a row, and rows are short.
      mixer.kernels.mixRows(
        mixer.weigh(data, y0, z0),
        mixer.weigh(data, y0, z1),
        mixer.weigh(data, y1, z0),
        mixer.weigh(data, y1, z1),
        mixer.even,
        ty.weight[2 * y]!,
        ty.weight[2 * y + 1]!,
        tz.weight[2 * z]!,
        tz.weight[2 * z + 1]!,
        mixer.rowAt,
      );
      if (range) mixer.kernels.roundRow(mixer.rowAt, mixer.even, range[0], range[1], mixer.intAt);
      out.set(result, at);
    }
  }
}

/** Kernel memory laid out for one job: taps, scratch rows, and the weighed rows of two source planes. */
function createMixer([nx, ny]: Vector, taps: AxisTaps, length: number) {
  const even = evenLength(length);
  const indexAt = 0;
  const weightAt = indexAt + even * 8;
  const rawAt = weightAt + even * 16;
  const rowAt = rawAt + Math.ceil(nx / 2) * 16;
  const intAt = rowAt + even * 8;
  const cacheAt = intAt + Math.ceil((even * 4) / 16) * 16;
  const stride = rowBytes(even);
  const kernels = openKernels(cacheAt + 2 * ny * stride);
  const heap = kernels.memory.buffer;
  new Int32Array(heap, indexAt, even * 2).set(taps.index);
  new Float64Array(heap, weightAt, even * 2).set(taps.weight);
  const raw = new Float64Array(heap, rawAt, nx);
  const row = new Float64Array(heap, rowAt, length);
  const integers = new Int32Array(heap, intAt, length);
  /** Source plane whose weighed row lies in each slot; neighbours differ in parity, so two slots never collide. */
  const held = new Int32Array(2 * ny).fill(-1);
  return {
    ...{ kernels, even, rowAt, intAt, row, integers },
    /** Where the weighed row lies; it is made when it is not there yet. */
    weigh(data: Job['data'], y: number, z: number): number {
      const slot = (z & 1) * ny + y;
      const at = cacheAt + slot * stride;
      if (held[slot] !== z) {
        const from = nx * (y + ny * z);
        raw.set(data.subarray(from, from + nx));
        kernels.weighRow(rawAt, indexAt, weightAt, even, at);
        held[slot] = z;
      }
      return at;
    },
  };
}
