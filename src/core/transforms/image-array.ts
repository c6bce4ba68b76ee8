import { castArray } from '../tensor/cast.js';
import type { NdArray } from '../tensor/ndarray.js';
import type { ImageValue } from '../tensor/value.js';
import { denseRun } from './dense.js';

/**
 * The values of an image in float64: stored × slope + intercept, each step only when it changes something, as nibabel
 * scales. Unscaled images keep their stored dtype.
 */
export function scaledArray(image: ImageValue): NdArray {
  const { array, scaling } = image;
  if (scaling === undefined) return array;
  const { slope, intercept } = scaling;
  if (slope === 1 && intercept === 0) return array;
  const { data, wrap } = denseRun(castArray(array, 'float64'));
  const out = new Float64Array(data.length);
  const source = data as Float64Array;
  for (let n = 0; n < out.length; n += 1) out[n] = source[n]! * slope + intercept;
  return wrap('float64', out);
}

/** The values of an image as float32, rounded once. */
export function scaledFloat32(image: ImageValue): NdArray {
  const { array, scaling } = image;
  const plain = scaling === undefined || (scaling.slope === 1 && scaling.intercept === 0);
  if (plain || array.dtype === 'int64' || array.dtype === 'uint64' || array.dtype === 'float16') {
    return castArray(scaledArray(image), 'float32');
  }
  const { slope, intercept } = scaling;
  const { data, wrap } = denseRun(array);
  const source = data as Int16Array;
  const out = new Float32Array(data.length);
  for (let n = 0; n < out.length; n += 1) out[n] = source[n]! * slope + intercept;
  return wrap('float32', out);
}
