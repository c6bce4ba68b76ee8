import { EisenError } from '../../../errors/error.js';
import { FILE_TYPES } from '../../../metadata/field-types.js';
import type { TensorDescription } from '../../../metadata/metadata.js';
import { DTYPES, type DType } from '../../../tensor/dtype.js';
import { parseJson } from '../../../tensor/json.js';
import type { Fields, Value } from '../../../tensor/value.js';
import { type DecodedBody, findHeader, type HandlerRow } from '../../handler-row.js';
import { renderInferReply } from './infer-reply.js';
import { type InferInput, type InferRequest, parseInferRequest } from './infer-request.js';
import { decodeBinaryData, decodeJsonData, failTensor, type TensorContent } from './tensor-data.js';

/** The content type by which the server marks a body of the Open Inference Protocol. */
export const OIP_TYPE = 'application/vnd.eisen.oip';

/** By these the server tells which model and version it asks: a reply names both. */
const MODEL_HEADER = 'x-eisen-model';
const VERSION_HEADER = 'x-eisen-model-version';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** A file as JSON can carry it: JSON texts hold no bytes. */
function decodeBase64(text: Uint8Array, name: string): Uint8Array {
  const base64 = Buffer.from(text).toString('latin1');
  if (!BASE64.test(base64)) failTensor(name, 'a file in JSON must be base64', 'base64, or the binary form');
  return Buffer.from(base64, 'base64');
}

/** A tensor as the value that the metadata declares: a file, a text, JSON or an array. */
function fieldValue(content: TensorContent, input: TensorDescription, isJson: boolean): Value {
  if (content.kind === 'array') return content;
  const { elements } = content;
  if (input.type === 'list')
    return { kind: 'plain', value: elements.map((element) => Buffer.from(element).toString('utf8')) };
  const [only] = elements;
  if (only === undefined || elements.length !== 1)
    failTensor(input.name, `there are ${elements.length} elements`, 'one');
  if (FILE_TYPES.includes(input.type)) {
    return { kind: 'file', bytes: isJson ? decodeBase64(only, input.name) : only, name: input.name };
  }
  if (input.type === 'str') return { kind: 'plain', value: Buffer.from(only).toString('utf8') };
  if (input.type === 'json') return { kind: 'plain', value: parseJson(only, input.name) };
  return failTensor(input.name, 'it takes numbers, not BYTES');
}

function readContent(input: InferInput): TensorContent {
  if (input.binary !== undefined) return decodeBinaryData(input.binary, input);
  return decodeJsonData(input.data!, input);
}

function fieldsOf(request: InferRequest, inputs: readonly TensorDescription[]): Fields {
  const byName = new Map(inputs.map((input) => [input.name, input]));
  const fields: Fields = new Map();
  for (const input of request.inputs) {
    const described = byName.get(input.name);
    if (described === undefined) failTensor(input.name, 'the model has no such input', [...byName.keys()].join(', '));
    fields.set(input.name, fieldValue(readContent(input), described, input.binary === undefined));
  }
  const missing = inputs.find(({ name }) => !fields.has(name));
  if (missing !== undefined) failTensor(missing.name, 'the input is missing', [...byName.keys()].join(', '));
  return fields;
}

function failRaw(what: string): never {
  throw new EisenError('BODY_UNDECODABLE', `A raw binary request is not possible: ${what}.`, { where: 'body' });
}

/** A body without any JSON: the elements of the only input; at most one axis is worked out from their number. */
function parseRawRequest(body: Uint8Array, inputs: readonly TensorDescription[]): InferRequest {
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1)
    failRaw(`it must have only 1 input, and the model has ${inputs.length}`);
  const common = { outputs: null, wantsBinary: true };
  if (FILE_TYPES.includes(input.type) || input.type === 'str') {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(body.byteLength);
    const binary = Buffer.concat([length, body]);
    return { ...common, inputs: [{ name: input.name, datatype: 'BYTES', shape: [1], binary }] };
  }
  const written = input['dtype'];
  const dtype: DType = typeof written === 'string' && written in DTYPES ? (written as DType) : 'float32';
  const free = input.shape.filter((axis) => axis < 0).length;
  if (free > 1) failRaw(`${input.name} has more than one variable-sized dimension`);
  const fixed = input.shape.reduce((product, axis) => (axis < 0 ? product : product * axis), DTYPES[dtype].bytes);
  const shape = input.shape.map((axis) => (axis < 0 ? Math.floor(body.byteLength / fixed) : axis));
  return { ...common, inputs: [{ name: input.name, datatype: DTYPES[dtype].oip, shape, binary: body }] };
}

function readHeaderLength(row: HandlerRow): number | undefined {
  const text = findHeader(row, 'inference-header-content-length');
  if (text === undefined) return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

/** Decodes a request of the Open Inference Protocol; its reply then takes the form of the protocol too. Throws BODY_UNDECODABLE. */
export function decodeInfer(row: HandlerRow, body: Uint8Array, inputs: readonly TensorDescription[]): DecodedBody {
  const jsonBytes = readHeaderLength(row);
  const request = jsonBytes === 0 ? parseRawRequest(body, inputs) : parseInferRequest(body, jsonBytes);
  const model = { name: findHeader(row, MODEL_HEADER) ?? '', version: findHeader(row, VERSION_HEADER) ?? '' };
  return {
    fields: fieldsOf(request, inputs),
    wire: 'protocol',
    gzipped: false,
    encode: (outputs) => renderInferReply(outputs, request, model),
  };
}
