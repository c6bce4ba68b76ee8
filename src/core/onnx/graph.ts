import type { DType } from '../tensor/dtype.js';

/** One input or output of a graph, as far as its declared type tells. */
export interface OnnxValue {
  readonly name: string;
  /** null when the element type has none here (string, complex, bfloat16 …) or the value is no tensor; see `onnxType`. */
  readonly dtype: DType | null;
  /** Name of the element type in ONNX's own words, or sequence, map, optional, sparse tensor, unknown. */
  readonly onnxType: string;
  /** Axis lengths, -1 where free; null when the graph does not even say the rank. */
  readonly shape: readonly number[] | null;
  /** Symbolic name of each axis, null where it has none; as long as `shape`. */
  readonly symbols: readonly (string | null)[];
}

/** A tensor whose numbers lie in another file. */
export interface OnnxExternalData {
  readonly tensor: string;
  readonly location: string;
  readonly offset: number;
  /** null: to the end of the file. */
  readonly length: number | null;
}

/** A stored weight of the main graph and where its raw bytes lie in the source, when they are raw. */
export interface OnnxInitializer {
  readonly name: string;
  readonly onnxType: string;
  readonly dims: readonly number[];
  /** Bytes of weights inside the model file, whatever field they stand in. */
  readonly inlineBytes: number;
}

/** What an ONNX file says about itself, without its weights. */
export interface OnnxGraph {
  readonly irVersion: number;
  readonly producer: string;
  readonly producerVersion: string;
  readonly graphName: string;
  /** Version of the default operator set; 0 when the file names none. */
  readonly opset: number;
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  /** Operator domains that nodes use, sorted; the default one is 'ai.onnx'. */
  readonly domains: readonly string[];
  /** Operator names that nodes use, sorted. */
  readonly operators: readonly string[];
  /** Nodes of the main graph, of its subgraphs and of local functions. */
  readonly nodeCount: number;
  /** Inputs that a caller must give: those backed by an initializer are left out. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly initializers: readonly OnnxInitializer[];
  readonly externalData: readonly OnnxExternalData[];
  readonly metadataProps: ReadonlyMap<string, string>;
}

/** onnx.TensorProto.DataType by number. */
export const ONNX_TYPES: readonly string[] = [
  'undefined',
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
];
