import { findExtremes } from '../../imaging/kernels/stream.js';
import type { Floats } from './channels.js';
import { selectRanks } from './ranks.js';

/** Puts the element of rank `k` in its sorted place: all before it are not larger, all after it not smaller. */
function selectRank(data: Floats, k: number, from: number, to: number): void {
  let [left, right] = [from, to];
  while (right > left) {
    const middle = (left + right) >> 1;
    if (data[middle]! < data[left]!) swap(data, middle, left);
    if (data[right]! < data[left]!) swap(data, right, left);
    if (data[right]! < data[middle]!) swap(data, right, middle);
    const pivot = data[middle]!;
    let i = left;
    let j = right;
    while (i <= j) {
      while (data[i]! < pivot) i += 1;
      while (data[j]! > pivot) j -= 1;
      if (i <= j) {
        const value = data[i]!;
        data[i] = data[j]!;
        data[j] = value;
        i += 1;
        j -= 1;
      }
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else return;
  }
}

function swap(data: Floats, a: number, b: number): void {
  const value = data[a]!;
  data[a] = data[b]!;
  data[b] = value;
}

/** The elements that sorting would put at these places, which rise. */
function valuesAt(data: Floats, ranks: readonly number[]): number[] {
  if (data instanceof Float32Array) return selectRanks(data, ranks);
  const scratch = data.slice();
  return ranks.map((rank) => {
    selectRank(scratch, rank, 0, scratch.length - 1);
    return scratch[rank]!;
  });
}

function hasNaN(data: Floats): boolean {
  if (data instanceof Float32Array) return findExtremes(data)!.hasNaN;
  for (let n = 0; n < data.length; n += 1) if (Number.isNaN(data[n])) return true;
  return false;
}

/**
 * Percentiles (0 to 100) with linear interpolation between neighbours, as numpy.percentile. NaN when any value is NaN or
 * there is no value. Selection, not sorting: linear in the number of values. The data are left as they are.
 */
export function findPercentiles(data: Floats, percents: readonly number[]): number[] {
  if (data.length === 0 || hasNaN(data)) return percents.map(() => Number.NaN);
  const places = percents.map((percent) => (data.length - 1) * (percent / 100));
  const last = data.length - 1;
  const ranks = places.flatMap((place) => [Math.floor(place), Math.min(Math.floor(place) + 1, last)]);
  const values = valuesAt(data, ranks);
  return places.map((place, n) => {
    const [low, high] = [values[2 * n]!, values[2 * n + 1]!];
    const weight = place - Math.floor(place);
    if (weight === 0) return low;
    const gap = data instanceof Float32Array ? Math.fround(high - low) : high - low;
    return weight < 0.5 ? low + gap * weight : high - gap * (1 - weight);
  });
}

/** The values that are not 0. */
export function nonzeroOf(data: Floats): Floats {
  let count = 0;
  for (let n = 0; n < data.length; n += 1) if (data[n] !== 0) count += 1;
  const out = data instanceof Float32Array ? new Float32Array(count) : new Float64Array(count);
  let at = 0;
  for (let n = 0; n < data.length; n += 1) if (data[n] !== 0) out[at++] = data[n]!;
  return out;
}
