import { cannot } from '../values.js';

/** The axis counted from 0; throws TRANSFORM_FAILED when the shape has no such axis. */
export function checkAxis(axis: number, shape: readonly number[], field: string): number {
  const normal = axis < 0 ? axis + shape.length : axis;
  if (normal >= 0 && normal < shape.length) return normal;
  throw cannot(field, `there is no axis ${axis} in shape [${shape.join(', ')}].`);
}
