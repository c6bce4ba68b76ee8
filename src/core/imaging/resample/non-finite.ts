import type { Vector } from '../affine.js';
import { findExtremes } from '../kernels/stream.js';

/** 1 where a sample is NaN or infinite; null when every sample is a finite number. */
export function markNonFinite(data: ArrayLike<number>): Uint8Array | null {
  if (data instanceof Float32Array && data.length > 0) {
    const { min, max, hasNaN } = findExtremes(data)!;
    if (!hasNaN && Number.isFinite(min) && Number.isFinite(max)) return null;
  }
  let mask: Uint8Array | null = null;
  for (let n = 0; n < data.length; n += 1) {
    if (data[n]! - data[n]! === 0) continue;
    mask ??= new Uint8Array(data.length);
    mask[n] = 1;
  }
  return mask;
}

/**
 * A float64 copy where samples that are no number are filled from their six neighbours' mean, twice over; what lies
 * deeper becomes 0. This is how nilearn keeps holes from spreading through interpolation.
 */
export function fillNonFinite(data: ArrayLike<number>, shape: Vector, holes: Uint8Array): Float64Array {
  const filled = Float64Array.from(data as ArrayLike<number>, (value, n) => (holes[n] ? 0 : value));
  let open = holes;
  for (let round = 0; round < 2; round += 1) open = fillShell(filled, shape, open);
  return filled;
}

/** Fills the holes that touch a known sample; returns the holes that are left. */
function fillShell(data: Float64Array, shape: Vector, open: Uint8Array): Uint8Array {
  const [nx, ny, nz] = shape;
  const steps = [1, nx, nx * ny];
  const left = open.slice();
  const known = data.slice();
  for (let n = 0; n < data.length; n += 1) {
    if (!open[n]) continue;
    const at = [n % nx, Math.floor(n / nx) % ny, Math.floor(n / (nx * ny))];
    let sum = 0;
    let count = 0;
    for (let axis = 0; axis < 3; axis += 1) {
      for (const side of [1, -1]) {
        const next = at[axis]! + side;
        const neighbour = n + side * steps[axis]!;
        if (next < 0 || next >= [nx, ny, nz][axis]! || open[neighbour]) continue;
        sum += known[neighbour]!;
        count += 1;
      }
    }
    if (count === 0) continue;
    left[n] = 0;
    data[n] = Number.isFinite(sum / count) ? sum / count : 0;
  }
  return left;
}
