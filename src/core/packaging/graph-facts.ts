import type { OnnxValue } from '../onnx/graph.js';
import type { FieldFacts } from '../transforms/field-ledger.js';
import { declaredShape } from '../transforms/possible-shapes.js';

/** What a graph says of one of its outputs. */
export function graphFacts(value: OnnxValue | undefined): Pick<FieldFacts, 'shapes' | 'dtype'> {
  if (value === undefined) return {};
  const { shape, dtype } = value;
  return {
    ...(shape === null ? {} : { shapes: { shapes: [declaredShape(shape)], isOpen: false } }),
    ...(dtype === null ? {} : { dtype }),
  };
}
