import { EisenError, isEisenError } from '../errors/error.js';
import { type ByteSource, wrapBytes } from '../files/byte-source.js';
import { describeContent, KIND_BYTES, ONNX_KIND, UNKNOWN_KIND } from '../files/file-kind.js';
import { LIMITS } from '../limits.js';
import type { OnnxExternalData, OnnxGraph, OnnxInitializer, OnnxValue } from './graph.js';
import { readPair, readTensorHead } from './read-tensor.js';
import { onnxTypeName, readOnnxValue } from './read-value.js';
import { asInt64, createWireReader, invalidOnnx, type WireRange, type WireReader } from './wire.js';

/** Subgraphs inside subgraphs (If, Loop, Scan) deeper than this are no model that anybody trained. */
const MAX_DEPTH = 32;

interface Tally {
  nodes: number;
  readonly domains: Set<string>;
  readonly operators: Set<string>;
  readonly external: OnnxExternalData[];
}

function walkTensor(reader: WireReader, range: WireRange, tally: Tally): OnnxInitializer {
  const head = readTensorHead(reader, range);
  if (head.external !== null) tally.external.push(head.external);
  return { name: head.name, onnxType: onnxTypeName(head.dataType), dims: head.dims, inlineBytes: head.inlineBytes };
}

function walkAttribute(reader: WireReader, range: WireRange, tally: Tally, depth: number): void {
  for (const field of reader.fields(range)) {
    if (field.wireType !== 2) continue;
    if (field.number === 5 || field.number === 10) walkTensor(reader, field, tally);
    if (field.number === 6 || field.number === 11) walkGraph(reader, field, tally, depth + 1);
  }
}

function walkNode(reader: WireReader, range: WireRange, tally: Tally, depth: number): void {
  tally.nodes += 1;
  if (tally.nodes > LIMITS.onnxNodes) {
    throw new EisenError('ONNX_TOO_LARGE', `${reader.where}: the graph has more than ${LIMITS.onnxNodes} nodes.`, {
      where: reader.where,
      expected: `at most ${LIMITS.onnxNodes} nodes`,
    });
  }
  let [domain, operator] = ['', ''];
  for (const field of reader.fields(range)) {
    if (field.wireType !== 2) continue;
    if (field.number === 4) operator = reader.text(field);
    if (field.number === 7) domain = reader.text(field);
    if (field.number === 5) walkAttribute(reader, field, tally, depth);
  }
  tally.domains.add(domain === '' ? 'ai.onnx' : domain);
  tally.operators.add(operator);
}

interface Parts {
  name: string;
  readonly inputs: OnnxValue[];
  readonly outputs: OnnxValue[];
  readonly initializers: OnnxInitializer[];
}

function walkGraph(reader: WireReader, range: WireRange, tally: Tally, depth: number): Parts {
  if (depth > MAX_DEPTH) throw invalidOnnx(reader.where, range.start, `graphs are nested deeper than ${MAX_DEPTH}.`);
  const parts: Parts = { name: '', inputs: [], outputs: [], initializers: [] };
  for (const field of reader.fields(range)) {
    if (field.wireType !== 2) continue;
    if (field.number === 1) walkNode(reader, field, tally, depth);
    if (field.number === 2) parts.name = reader.text(field);
    if (field.number === 5) parts.initializers.push(walkTensor(reader, field, tally));
    if (field.number === 11) parts.inputs.push(readOnnxValue(reader, field));
    if (field.number === 12) parts.outputs.push(readOnnxValue(reader, field));
    if (field.number === 15) {
      for (const sparse of reader.fields(field)) if (sparse.wireType === 2) walkTensor(reader, sparse, tally);
    }
  }
  return parts;
}

function walkFunction(reader: WireReader, range: WireRange, tally: Tally): void {
  for (const field of reader.fields(range)) {
    if (field.number === 7 && field.wireType === 2) walkNode(reader, field, tally, 1);
  }
}

function readOpset(reader: WireReader, range: WireRange): { domain: string; version: number } {
  let [domain, version] = ['', 0];
  for (const field of reader.fields(range)) {
    if (field.number === 1 && field.wireType === 2) domain = reader.text(field);
    if (field.number === 2 && field.wireType === 0) version = asInt64(reader, field);
  }
  return { domain: domain === '' ? 'ai.onnx' : domain, version };
}

/** Bytes that do not even begin as a model are another kind of file, and which one says more than a byte offset. */
function explain(error: unknown, source: ByteSource, where: string): unknown {
  if (!isEisenError(error) || error.code !== 'ONNX_INVALID') return error;
  const found = describeContent(source.read(0, KIND_BYTES));
  if (found === ONNX_KIND) return error;
  const what = found === UNKNOWN_KIND ? `: ${error.message.slice(where.length + 2)}` : ` but ${found}.`;
  return new EisenError('ONNX_INVALID', `${where}: it is no ONNX model${what}`, {
    ...{ where, expected: ONNX_KIND, found, cause: error },
    ...(/model|weights/i.test(found) ? { hint: 'Export it to ONNX first: torch.onnx.export, tf2onnx, skl2onnx.' } : {}),
  });
}

/**
 * Reads what an ONNX file declares, without its weights and without any native code: a file of any size costs a few
 * reads. Throws ONNX_INVALID when the bytes are no ONNX model (with the byte offset, or with what they are instead),
 * ONNX_TOO_LARGE past the node limit.
 */
export function readOnnxGraph(model: Uint8Array | ByteSource, where = 'model.onnx'): OnnxGraph {
  const source = model instanceof Uint8Array ? wrapBytes(model) : model;
  try {
    return walkModel(source, where);
  } catch (error) {
    throw explain(error, source, where);
  }
}

function walkModel(source: ByteSource, where: string): OnnxGraph {
  const reader = createWireReader(source, where);
  const tally: Tally = { nodes: 0, domains: new Set(), operators: new Set(), external: [] };
  let parts: Parts | null = null;
  let [irVersion, producer, producerVersion] = [0, '', ''];
  const opsets: { domain: string; version: number }[] = [];
  const metadataProps = new Map<string, string>();
  for (const field of reader.fields({ start: 0, end: source.length })) {
    if (field.number === 1 && field.wireType === 0) irVersion = asInt64(reader, field);
    if (field.wireType !== 2) continue;
    if (field.number === 2) producer = reader.text(field);
    if (field.number === 3) producerVersion = reader.text(field);
    if (field.number === 8) opsets.push(readOpset(reader, field));
    if (field.number === 14) metadataProps.set(...readPair(reader, field));
    if (field.number === 25) walkFunction(reader, field, tally);
    if (field.number === 7) {
      if (parts !== null) throw invalidOnnx(where, field.tagStart, 'the file holds two graphs.');
      parts = walkGraph(reader, field, tally, 0);
    }
  }
  if (parts === null) throw invalidOnnx(where, source.length, 'the file holds no graph.');
  const stored = new Set(parts.initializers.map((initializer) => initializer.name));
  return {
    irVersion,
    producer,
    producerVersion,
    graphName: parts.name,
    opset: opsets.find((entry) => entry.domain === 'ai.onnx')?.version ?? 0,
    opsets,
    domains: [...tally.domains].sort(),
    operators: [...tally.operators].sort(),
    nodeCount: tally.nodes,
    inputs: parts.inputs.filter((input) => !stored.has(input.name)),
    outputs: parts.outputs,
    initializers: parts.initializers,
    externalData: tally.external,
    metadataProps,
  };
}
