import { copyInto } from '../../tensor/contiguous.js';
import type { DType } from '../../tensor/dtype.js';
import { selectIndex } from '../../tensor/layout.js';
import { createNdArray, type NdArray } from '../../tensor/ndarray.js';
import type { ArrayValue, Geometry } from '../../tensor/value.js';

/** An array that is made one entry of its channel axis at a time, so that a reader need never hold all of it. */
export interface ChannelSource {
  readonly dtype: DType;
  /** Shape of the whole. */
  readonly shape: readonly number[];
  readonly axis: number;
  /** The entry `n` of the channel axis, without that axis. Made anew at each call. */
  readChannel(n: number): NdArray;
}

interface LazyArrayValue extends ArrayValue {
  readonly channels: ChannelSource;
}

/** All channels in one array. */
export function materialize(source: ChannelSource): NdArray {
  const whole = createNdArray(source.dtype, source.shape);
  for (let n = 0; n < source.shape[source.axis]!; n += 1) {
    copyInto(selectIndex(whole, source.axis, n), source.readChannel(n));
  }
  return whole;
}

/** A value whose array is made when somebody reads it, and kept then; Argmax and its kind read the channels instead. */
export function lazyArrayValue(channels: ChannelSource, geometry: Geometry): ArrayValue {
  let made: NdArray | undefined;
  const value: LazyArrayValue = {
    kind: 'array',
    geometry,
    channels,
    get array(): NdArray {
      made ??= materialize(channels);
      return made;
    },
  };
  return value;
}

/** True for a value whose array is not made yet or was made from channels. */
export function isLazy(value: ArrayValue): value is LazyArrayValue {
  return 'channels' in value;
}

/** The channels of a value along one axis: those of a lazy value without making the whole, else views of its array. */
export function channelsAlong(value: ArrayValue, axis: number): ChannelSource {
  const lazy = isLazy(value) ? value.channels : undefined;
  if (lazy !== undefined && (axis < 0 ? axis + lazy.shape.length : axis) === lazy.axis) return lazy;
  const { array } = value;
  const at = axis < 0 ? axis + array.shape.length : axis;
  return {
    dtype: array.dtype,
    shape: array.shape,
    axis: at,
    readChannel: (n) => selectIndex(array, at, n),
  };
}

/** The shape of a value's array, without making a lazy one. */
export function shapeOf(value: ArrayValue): readonly number[] {
  return isLazy(value) ? value.channels.shape : value.array.shape;
}
