import { isDType } from '../tensor/dtype.js';
import { ONNX_TYPES, type OnnxValue } from './graph.js';
import { asInt64, invalidOnnx, type WireRange, type WireReader } from './wire.js';

const MAX_RANK = 32;
const NOT_TENSORS: Readonly<Record<number, string>> = {
  4: 'sequence',
  5: 'map',
  8: 'sparse tensor',
  9: 'optional',
};

interface Axis {
  readonly length: number;
  readonly symbol: string | null;
}

export function onnxTypeName(number: number): string {
  return ONNX_TYPES[number] ?? `type ${number}`;
}

function readAxis(reader: WireReader, range: WireRange): Axis {
  let axis: Axis = { length: -1, symbol: null };
  for (const field of reader.fields(range)) {
    if (field.number === 1 && field.wireType === 0) {
      const length = asInt64(reader, field);
      if (length < 0) throw invalidOnnx(reader.where, field.start, `an axis has the length ${length}.`);
      axis = { length, symbol: null };
    }
    if (field.number === 2 && field.wireType === 2) axis = { length: -1, symbol: reader.text(field) };
  }
  return axis;
}

function readShape(reader: WireReader, range: WireRange): Axis[] {
  const axes: Axis[] = [];
  for (const field of reader.fields(range)) {
    if (field.number !== 1 || field.wireType !== 2) continue;
    if (axes.length === MAX_RANK)
      throw invalidOnnx(reader.where, field.start, `a shape has more than ${MAX_RANK} axes.`);
    axes.push(readAxis(reader, field));
  }
  return axes;
}

function readTensorType(reader: WireReader, range: WireRange): { type: number; axes: Axis[] | null } {
  let type = 0;
  let axes: Axis[] | null = null;
  for (const field of reader.fields(range)) {
    if (field.number === 1 && field.wireType === 0) type = asInt64(reader, field);
    if (field.number === 2 && field.wireType === 2) axes = readShape(reader, field);
  }
  return { type, axes };
}

/** Reads a ValueInfoProto: the name, element type and shape of one input or output. */
export function readOnnxValue(reader: WireReader, range: WireRange): OnnxValue {
  let name = '';
  let onnxType = 'unknown';
  let axes: Axis[] | null = null;
  for (const field of reader.fields(range)) {
    if (field.wireType !== 2) continue;
    if (field.number === 1) name = reader.text(field);
    if (field.number !== 2) continue;
    for (const kind of reader.fields(field)) {
      if (kind.wireType !== 2) continue;
      if (kind.number === 1) {
        const tensor = readTensorType(reader, kind);
        [onnxType, axes] = [onnxTypeName(tensor.type), tensor.axes];
      } else if (NOT_TENSORS[kind.number] !== undefined) onnxType = NOT_TENSORS[kind.number]!;
    }
  }
  return {
    name,
    dtype: isDType(onnxType) ? onnxType : null,
    onnxType,
    shape: axes === null ? null : axes.map((axis) => axis.length),
    symbols: axes === null ? [] : axes.map((axis) => axis.symbol),
  };
}
