import type { OnnxValue } from '../onnx/graph.js';
import type { FieldFacts } from '../transforms/field-ledger.js';
import { declaredShape } from '../transforms/possible-shapes.js';

/** What a graph says of one of its outputs. */
export function graphFacts(value: OnnxValue | undefined): Pick<FieldFacts, 'shapes'> {
  if (value === undefined || value.shape === null) return {};
  return { shapes: { shapes: [declaredShape(value.shape)], isOpen: false } };
}
