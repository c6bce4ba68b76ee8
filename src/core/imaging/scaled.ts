import { castArray } from '../tensor/cast.js';
import { toContiguous } from '../tensor/contiguous.js';
import type { NdArray } from '../tensor/ndarray.js';
import type { ImageValue } from '../tensor/value.js';

/**
 * The values of an image as nibabel's `asanyarray(img.dataobj)` gives them: the stored array when there is no scaling,
 * else float64 `stored × slope`, then `+ intercept`, each step skipped when it changes nothing.
 */
export function readScaledValues(image: ImageValue): NdArray {
  if (!image.scaling) return image.array;
  const { slope, intercept } = image.scaling;
  const stored = image.array.dtype === 'float64' ? toContiguous(image.array, 'F') : castArray(image.array, 'float64');
  const data = stored.data as Float64Array;
  // castArray made a new array; a float64 image still shares its file's bytes.
  const out = stored.data.buffer === image.array.data.buffer ? new Float64Array(data.length) : data;
  if (slope !== 1 && intercept !== 0) for (let n = 0; n < data.length; n += 1) out[n] = data[n]! * slope + intercept;
  else if (slope !== 1) for (let n = 0; n < data.length; n += 1) out[n] = data[n]! * slope;
  else for (let n = 0; n < data.length; n += 1) out[n] = data[n]! + intercept;
  return { ...stored, data: out };
}
