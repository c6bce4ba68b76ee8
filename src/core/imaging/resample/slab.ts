import type { Affine } from '../../tensor/value.js';
import type { Vector } from '../affine.js';
import { MOST_KERNEL_BYTES } from '../kernels/resample-kernels.js';

/** Output planes from..to read the source planes low..high only, both included. */
export interface Slab {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
}

interface SlabRequest {
  readonly sourceShape: Vector;
  readonly shape: Vector;
  readonly toSource: Affine;
  readonly planeBytes: number;
  readonly mostBytes?: number | undefined;
}

/** Source planes that fit into this are taken at once: the memory of the kernel is then kept for the next volume. */
const ENOUGH_BYTES = 16 * 1024 * 1024;

/**
 * Cuts a volume into slabs of output planes, each with the source planes that it reads and one more on either side. Null
 * when the planes that a single output plane reads are more than `mostBytes`.
 */
export function planSlabs(request: SlabRequest): { slabs: Slab[]; planes: number } | null {
  const { sourceShape, shape, toSource: m, planeBytes, mostBytes = MOST_KERNEL_BYTES } = request;
  // The kernels count voxels in 32 bits.
  if (sourceShape[0] * sourceShape[1] * sourceShape[2] >= 2 ** 31) return null;
  const last = sourceShape[2] - 1;
  const [alongX, alongY] = [m[8]! * (shape[0] - 1), m[9]! * (shape[1] - 1)];
  const lowest = Math.min(0, alongX) + Math.min(0, alongY);
  const highest = Math.max(0, alongX) + Math.max(0, alongY);
  const clamp = (plane: number): number => Math.min(Math.max(plane, 0), last);
  const touched = (z: number): { low: number; high: number } => {
    const base = m[11]! + m[10]! * z;
    return { low: clamp(Math.floor(base + lowest) - 1), high: clamp(Math.floor(base + highest) + 2) };
  };
  // Twice what one output plane needs, so that no source plane is brought much more than twice.
  const span = Math.ceil(highest - lowest) + 5;
  const wanted = Math.max(2 * span, Math.floor(ENOUGH_BYTES / planeBytes));
  const planes = Math.min(last + 1, Math.max(span, Math.min(wanted, Math.floor(mostBytes / planeBytes))));
  if (planes * planeBytes > mostBytes) return null;
  const slabs: Slab[] = [];
  for (let z = 0; z < shape[2]; z += 1) {
    const here = touched(z);
    const open = slabs.at(-1);
    const low = Math.min(open?.low ?? here.low, here.low);
    const high = Math.max(open?.high ?? here.high, here.high);
    if (open && high - low + 1 <= planes) slabs[slabs.length - 1] = { from: open.from, to: z + 1, low, high };
    else slabs.push({ from: z, to: z + 1, ...here });
  }
  return { slabs, planes };
}
