import { openKernels } from './kernels.js';
import { mapPieces } from './stream.js';

/** Elements a piece: it is read three times, and stays in the first-level cache. */
const PIECE = 4096;
const RESULT = PIECE * 4;

let shared: ReturnType<typeof openKernels> | undefined;

export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Sum of the squares of the distances from the mean. */
  readonly squares: number;
}

/** The moments of two groups together. Method: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm". */
function together(a: Moments, b: Moments): Moments {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const apart = b.mean - a.mean;
  return {
    count,
    mean: a.mean + (apart * b.count) / count,
    squares: a.squares + b.squares + apart * apart * ((a.count * b.count) / count),
  };
}

/**
 * How many elements count (with `nonzero` those that are not 0), their mean and the squares of their distances from it, in
 * float64: piece by piece, each read once from memory, so that no large sum swallows small ones.
 */
export function momentsOf(data: Float32Array, nonzero: boolean): Moments {
  shared ??= openKernels(RESULT + 64);
  const heap = shared.memory.buffer;
  const piece = new Float32Array(heap, 0, PIECE);
  const result = new Float64Array(heap, RESULT, 3);
  let found: Moments = { count: 0, mean: 0, squares: 0 };
  const whole = data.length - (data.length % 8);
  for (let at = 0; at < whole; at += PIECE) {
    const part = data.subarray(at, Math.min(at + PIECE, whole));
    piece.set(part);
    shared.momentsF32(0, part.length, nonzero, RESULT);
    found = together(found, { count: result[0]!, mean: result[1]!, squares: result[2]! });
  }
  for (const value of data.subarray(whole))
    if (!nonzero || value !== 0) found = together(found, { count: 1, mean: value, squares: 0 });
  return found;
}

/** (x − mean) × factor in float64, rounded once; with `nonzero` only where x is not 0. Into `to`, which may be `data`. */
export function centre(
  data: Float32Array,
  { mean, factor, nonzero }: { mean: number; factor: number; nonzero: boolean },
  to: Float32Array,
): void {
  mapPieces(data, to, (kernels, at, count) => kernels.centreF32(at, count, mean, factor, nonzero));
}
