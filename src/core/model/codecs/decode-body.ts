import { EisenError, isEisenError } from '../../errors/error.js';
import { decodePickleFields } from '../../legacy/decode-pickle.js';
import { ARRAY_TYPES, FILE_TYPES } from '../../metadata/field-types.js';
import type { TensorDescription } from '../../metadata/metadata.js';
import { viewArray } from '../../tensor/array-bytes.js';
import { parseJson } from '../../tensor/json.js';
import { decodeFields } from '../../tensor/msgpack.js';
import { decodeNpy } from '../../tensor/npy.js';
import { decodeNpz } from '../../tensor/npz.js';
import { parseNumpyDType } from '../../tensor/numpy-dtype.js';
import type { Fields, Plain, Value } from '../../tensor/value.js';
import { type DecodedBody, findHeader, type HandlerRow } from '../handler-row.js';
import { plainToArray } from '../plain-array.js';
import { decodeInstances, KSERVE_V1_TYPE } from './kserve-v1.js';
import { decodeInfer, OIP_TYPE } from './oip/decode-infer.js';
import { type BodyKind, isGzipped, isUntyped, kindOfBytes, kindOfType } from './sniff.js';

type Inputs = readonly TensorDescription[];
type Part = HandlerRow['parameters'][number];

function undecodable(what: string, cause?: unknown): EisenError {
  const details = isEisenError(cause) ? cause.details : {};
  return new EisenError('BODY_UNDECODABLE', `The request body cannot be decoded: ${what}`, { ...details, cause });
}

/** The only input of the model: where a body without names belongs. */
function onlyInput(inputs: Inputs, what: string): TensorDescription {
  if (inputs.length === 1) return inputs[0]!;
  throw undecodable(
    `it is ${what}, and the model has ${inputs.length} inputs (${inputs.map(({ name }) => name).join(', ')}). ` +
      'Send multipart/form-data with one part an input, or a msgpack map.',
  );
}

const isRecord = (value: Plain | undefined): value is { [key: string]: Plain } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `{"__ndarray__": true, "data": base64 or lists, "shape", "type"}` and `{"b64": …}` mean the same in JSON as in msgpack. */
function jsonValue(value: Plain, input: TensorDescription | undefined, where: string): Value {
  if (isRecord(value) && typeof value['b64'] === 'string') {
    return { kind: 'file', bytes: Buffer.from(value['b64'], 'base64') };
  }
  if (isRecord(value) && value['__ndarray__'] !== undefined) {
    const { data, shape, type } = value;
    if (Array.isArray(data)) return { kind: 'array', array: plainToArray(data, where) };
    if (typeof data === 'string' && typeof type === 'string' && Array.isArray(shape)) {
      const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
      const layout = { shape: shape.map(Number), where };
      return { kind: 'array', array: viewArray(bytes, parseNumpyDType(type, where), layout) };
    }
    throw undecodable(`${where}: an array needs data (base64 or lists), shape and type.`);
  }
  if (input !== undefined && ARRAY_TYPES.includes(input.type) && (Array.isArray(value) || typeof value === 'number')) {
    return { kind: 'array', array: plainToArray(value, where) };
  }
  return { kind: 'plain', value };
}

function jsonFields(bytes: Uint8Array, inputs: Inputs): Fields {
  const json = parseJson(bytes, 'body');
  if (!isRecord(json)) {
    if (Array.isArray(json) && inputs.length === 1) {
      return new Map([[inputs[0]!.name, jsonValue(json, inputs[0], inputs[0]!.name)]]);
    }
    throw undecodable('the JSON is no object of named inputs.');
  }
  const byName = new Map(inputs.map((input) => [input.name, input]));
  return new Map(Object.entries(json).map(([name, value]) => [name, jsonValue(value, byName.get(name), name)]));
}

function single(inputs: Inputs, what: string, value: Value): Fields {
  return new Map([[onlyInput(inputs, what).name, value]]);
}

/** An .npy is an array, or one image file of many where the metadata declares a file: LoadImage reads it then. */
function npyValue({ name, value: bytes, contentType }: Part, input: TensorDescription | undefined): Value {
  if (input !== undefined && FILE_TYPES.includes(input.type)) return { kind: 'file', bytes, contentType, name };
  return { kind: 'array', array: decodeNpy(bytes, name) };
}

const WIRES: Partial<Record<BodyKind, DecodedBody['wire']>> = { msgpack: 'msgpack', json: 'json', pickle: 'pickle' };

function bareFields(kind: BodyKind, part: Part, inputs: Inputs): Fields {
  const { value: bytes, contentType } = part;
  switch (kind) {
    case 'msgpack':
      return decodeFields(bytes);
    case 'pickle':
      return decodePickleFields(bytes);
    case 'json':
      return jsonFields(bytes, inputs);
    case 'npz':
      return new Map([...decodeNpz(bytes, 'body')].map(([name, array]) => [name, { kind: 'array', array }]));
    case 'npy': {
      const input = onlyInput(inputs, 'one array');
      return new Map([[input.name, npyValue({ ...part, name: 'body' }, input)]]);
    }
    case 'text':
      return single(inputs, 'a text', { kind: 'plain', value: Buffer.from(bytes).toString('utf8') });
    case 'file':
    case 'nifti':
      return single(inputs, 'one file', { kind: 'file', bytes, contentType });
    default:
      throw undecodable(
        `content type ${contentType} is not known. Send application/msgpack, application/json or a file.`,
      );
  }
}

function decodeBare(part: Part, inputs: Inputs): DecodedBody {
  const mime = part.contentType.toLowerCase();
  const kind = isUntyped(mime) ? kindOfBytes(part.value) : kindOfType(mime);
  const fields = bareFields(kind, part, inputs);
  return { fields, wire: WIRES[kind] ?? 'file', gzipped: kind === 'file' && isGzipped(part.value) };
}

/** A form part whose type says nothing is read as what the metadata declares. */
function partKind(part: Part, input: TensorDescription | undefined): BodyKind {
  const mime = part.contentType.toLowerCase();
  if (!isUntyped(mime) && !mime.startsWith('text/')) return kindOfType(mime);
  if (input !== undefined && FILE_TYPES.includes(input.type)) return 'file';
  if (input?.type === 'str') return 'text';
  const byBytes = kindOfBytes(part.value);
  if (byBytes !== 'msgpack' || !isUntyped(mime)) return byBytes === 'msgpack' ? 'json' : byBytes;
  const first = part.value[0] ?? 0;
  return first === 0x5b || first === 0x20 || first === 0x22 || (first >= 0x2d && first <= 0x39) ? 'json' : 'file';
}

function partValue(part: Part, input: TensorDescription | undefined): Value {
  const { name, value: bytes, contentType } = part;
  switch (partKind(part, input)) {
    case 'npy':
      return npyValue(part, input);
    case 'json':
      return jsonValue(parseJson(bytes, name), input, name);
    case 'text':
      return { kind: 'plain', value: Buffer.from(bytes).toString('utf8') };
    case 'file':
    case 'nifti':
      return { kind: 'file', bytes, contentType, name };
    default:
      throw undecodable(`part '${name}': content type ${contentType} is not known inside of a form.`);
  }
}

/** A form was sent, and no field was found in it: that is a mistake, and no question for the metadata. */
function holdsForm(row: HandlerRow): boolean {
  const type = findHeader(row, 'content-type') ?? '';
  const isForm = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(type);
  return isForm && (findHeader(row, 'content-length') ?? '0') !== '0';
}

/**
 * The fields of one request row: by content type, by the first bytes where that says nothing. null for an empty body,
 * which asks for the metadata. Throws BODY_UNDECODABLE with the reason for everything that does not decode.
 */
export function decodeBody(row: HandlerRow, inputs: Inputs): DecodedBody | null {
  const { parameters } = row;
  const [first] = parameters;
  if (first === undefined) return holdsForm(row) ? { fields: new Map(), wire: 'form', gzipped: false } : null;
  try {
    if (first.contentType === OIP_TYPE) return decodeInfer(row, first.value, inputs);
    if (first.contentType === KSERVE_V1_TYPE) return decodeInstances(first.value, inputs);
    if (parameters.length === 1 && (first.name === 'body' || first.name === 'data')) {
      return first.value.length === 0 ? null : decodeBare(first, inputs);
    }
    const byName = new Map(inputs.map((input) => [input.name, input]));
    const fields: Fields = new Map(parameters.map((part) => [part.name, partValue(part, byName.get(part.name))]));
    return { fields, wire: 'form', gzipped: parameters.some((part) => isGzipped(part.value)) };
  } catch (error) {
    if (!isEisenError(error) || error.code === 'BODY_UNDECODABLE') throw error;
    if (error.code === 'LIMIT_EXCEEDED') throw error;
    throw undecodable(error.message, error);
  }
}
