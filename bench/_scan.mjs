import { wrapNdArray } from '../dist/core/tensor/ndarray.js';

/** A smooth int16 volume of `size`³ with some noise, as a scan is, x fastest. */
export function scan(size) {
  const data = new Int16Array(size ** 3);
  const along = Float64Array.from({ length: size }, (_, x) => Math.sin(x / 9));
  let seed = 1;
  let at = 0;
  for (let z = 0; z < size; z += 1) {
    const height = 300 * Math.cos(z / 11);
    for (let y = 0; y < size; y += 1)
      for (let x = 0; x < size; x += 1, at += 1) {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        data[at] = 400 + height * along[x] + (seed >>> 27);
      }
  }
  return wrapNdArray('int16', [size, size, size], data, 'F');
}
