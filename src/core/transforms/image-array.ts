import { scaleInt16 } from '../imaging/kernels/stream.js';
import { castArray } from '../tensor/cast.js';
import { freshElements } from '../tensor/fresh-elements.js';
import type { NdArray } from '../tensor/ndarray.js';
import type { ImageValue } from '../tensor/value.js';
import { denseRun } from './dense.js';

/** The values of an image: the stored ones, of their dtype, when nothing scales them, else float32. So a label map stays whole numbers. */
export function valuesOf(image: ImageValue): NdArray {
  const { array, scaling } = image;
  return scaling === undefined || (scaling.slope === 1 && scaling.intercept === 0) ? array : scaledFloat32(image);
}

/**
 * The values of an image as float32: stored × slope, then + intercept, in float64, each step only when it changes
 * something, and one rounding at the end, as nibabel scales and `astype(float32)` rounds.
 */
export function scaledFloat32({ array, scaling }: ImageValue): NdArray {
  if (scaling === undefined || (scaling.slope === 1 && scaling.intercept === 0)) return castArray(array, 'float32');
  const { slope, intercept } = scaling;
  if (array.dtype === 'int16' && intercept !== 0) {
    const { data, wrap } = denseRun(array);
    return wrap('float32', scaleInt16(data as Int16Array, { slope, intercept }));
  }
  const big = array.dtype === 'int64' || array.dtype === 'uint64' || array.dtype === 'float16';
  const { data, wrap } = denseRun(big ? castArray(array, 'float64') : array);
  const source = data as Int16Array;
  const out = freshElements('float32', data.length);
  // A missing step must not happen: -0 + 0 is 0.
  if (intercept === 0) for (let n = 0; n < out.length; n += 1) out[n] = source[n]! * slope;
  else for (let n = 0; n < out.length; n += 1) out[n] = source[n]! * slope + intercept;
  return wrap('float32', out);
}
