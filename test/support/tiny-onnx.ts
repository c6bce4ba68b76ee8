import { encodeField, encodeVarint, encodeVarintField, joinBytes } from '../../src/core/onnx/wire-write.js';

/** An input or output: `shape` takes lengths and symbolic names; `type` is a number of onnx.TensorProto.DataType. */
export interface TinyValue {
  readonly name: string;
  readonly type?: number;
  readonly shape?: readonly (number | string)[];
}

export interface TinyNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly domain?: string;
  readonly attributes?: readonly Uint8Array[];
}

export interface TinyTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type?: number;
  readonly raw?: Uint8Array;
  readonly floats?: readonly number[];
  readonly external?: Readonly<Record<string, string>>;
}

export interface TinyModel {
  readonly inputs: readonly TinyValue[];
  readonly outputs: readonly TinyValue[];
  readonly nodes: readonly TinyNode[];
  readonly initializers?: readonly TinyTensor[];
  readonly opset?: number;
  readonly producer?: string;
  readonly extra?: readonly Uint8Array[];
}

export function encodeAttribute(name: string, fields: readonly Uint8Array[], type: number): Uint8Array {
  return joinBytes([encodeField(1, name), ...fields, encodeVarintField(20, type)]);
}

export const intAttribute = (name: string, value: number): Uint8Array =>
  encodeAttribute(name, [encodeVarintField(3, value)], 2);

function encodeValue({ name, type = 1, shape }: TinyValue): Uint8Array {
  const axes = (shape ?? []).map((axis) =>
    encodeField(1, typeof axis === 'number' ? encodeVarintField(1, axis) : encodeField(2, axis)),
  );
  const tensor = [encodeVarintField(1, type), ...(shape === undefined ? [] : [encodeField(2, joinBytes(axes))])];
  return joinBytes([encodeField(1, name), encodeField(2, encodeField(1, joinBytes(tensor)))]);
}

export function encodeNode({ op, inputs, outputs, domain, attributes = [] }: TinyNode): Uint8Array {
  return joinBytes([
    ...inputs.map((name) => encodeField(1, name)),
    ...outputs.map((name) => encodeField(2, name)),
    encodeField(4, op),
    ...attributes.map((attribute) => encodeField(5, attribute)),
    ...(domain === undefined ? [] : [encodeField(7, domain)]),
  ]);
}

export function encodeTensor({ name, dims, type = 1, raw, floats, external }: TinyTensor): Uint8Array {
  const pairs = Object.entries(external ?? {}).map(([key, value]) =>
    encodeField(13, joinBytes([encodeField(1, key), encodeField(2, value)])),
  );
  return joinBytes([
    encodeField(1, joinBytes(dims.map(encodeVarint))),
    encodeVarintField(2, type),
    ...(floats === undefined ? [] : [encodeField(4, new Uint8Array(Float32Array.from(floats).buffer))]),
    encodeField(8, name),
    ...(raw === undefined ? [] : [encodeField(9, raw)]),
    ...pairs,
    ...(external === undefined ? [] : [encodeVarintField(14, 1)]),
  ]);
}

export function encodeGraph(model: TinyModel): Uint8Array {
  return joinBytes([
    ...model.nodes.map((node) => encodeField(1, encodeNode(node))),
    encodeField(2, 'tiny'),
    ...(model.initializers ?? []).map((tensor) => encodeField(5, encodeTensor(tensor))),
    ...model.inputs.map((value) => encodeField(11, encodeValue(value))),
    ...model.outputs.map((value) => encodeField(12, encodeValue(value))),
  ]);
}

/** A whole ONNX file, made by hand so that tests need neither Python nor a binary fixture. */
export function encodeTinyModel(model: TinyModel): Uint8Array {
  return joinBytes([
    encodeVarintField(1, 8),
    encodeField(2, model.producer ?? 'tiny-onnx'),
    encodeField(7, encodeGraph(model)),
    encodeField(8, joinBytes([encodeField(1, ''), encodeVarintField(2, model.opset ?? 17)])),
    ...(model.extra ?? []),
  ]);
}

/** output = input, on the given axes. */
export function identityModel(shape: readonly (number | string)[] = ['batch', 1, 'x', 'y', 'z']): Uint8Array {
  return encodeTinyModel({
    inputs: [{ name: 'image', shape }],
    outputs: [{ name: 'prediction', shape }],
    nodes: [{ op: 'Identity', inputs: ['image'], outputs: ['prediction'] }],
  });
}

/** output = input + weights, with `count` raw float32 weights on the last axis. */
export function addModel(count: number, fill: (index: number) => number = (index) => index): Uint8Array {
  const weights = Float32Array.from({ length: count }, (_, index) => fill(index));
  return encodeTinyModel({
    inputs: [{ name: 'image', shape: ['batch', count] }],
    outputs: [{ name: 'prediction', shape: ['batch', count] }],
    nodes: [{ op: 'Add', inputs: ['image', 'weights'], outputs: ['prediction'] }],
    initializers: [{ name: 'weights', dims: [count], raw: new Uint8Array(weights.buffer) }],
  });
}
