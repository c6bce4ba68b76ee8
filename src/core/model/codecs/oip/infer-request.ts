import { EisenError } from '../../../errors/error.js';
import { LIMITS } from '../../../limits.js';
import { parseJson } from '../../../tensor/json.js';
import type { Plain } from '../../../tensor/value.js';
import { failTensor, type TensorHead } from './tensor-data.js';

/** An input of an inference request; exactly one of the two forms of its elements is there. */
export interface InferInput extends TensorHead {
  readonly data?: Plain;
  readonly binary?: Uint8Array;
}

/** An output that the client asks for; `isBinary` undefined: as the request says for all. */
export interface InferOutput {
  readonly name: string;
  readonly isBinary?: boolean;
}

export interface InferRequest {
  readonly id?: string;
  readonly inputs: readonly InferInput[];
  /** null: all outputs. */
  readonly outputs: readonly InferOutput[] | null;
  readonly wantsBinary: boolean;
}

type Json = { readonly [key: string]: Plain | undefined };

function fail(what: string, where = 'body'): never {
  throw new EisenError('BODY_UNDECODABLE', `The inference request cannot be decoded: ${what}.`, { where });
}

function isObject(value: Plain | undefined): value is { [key: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readObject(value: Plain | undefined, what: string): Json {
  return isObject(value) ? value : fail(`${what} is no object`);
}

function readName(json: Json, what: string): string {
  const { name } = json;
  return typeof name === 'string' && name !== '' ? name : fail(`${what} has no name`);
}

function readShape(json: Json, name: string): number[] {
  const { shape } = json;
  const isShape = Array.isArray(shape) && shape.every((axis) => Number.isSafeInteger(axis) && (axis as number) >= 0);
  if (!isShape) failTensor(name, 'its shape is no list of counts');
  if (shape.length > LIMITS.tensorRank) failTensor(name, `its shape has more than ${LIMITS.tensorRank} axes`);
  return shape as number[];
}

function parametersOf(json: Json, what: string): Json {
  return json['parameters'] === undefined ? {} : readObject(json['parameters'], `the parameters of ${what}`);
}

/** Takes the raw bytes of the inputs off the body, one after another in their order. */
function createByteTaker(bytes: Uint8Array): { take(count: number, name: string): Uint8Array; finish(): void } {
  let at = 0;
  return {
    take(count, name) {
      if (at + count > bytes.byteLength)
        failTensor(name, `binary_data_size is ${count}; ${bytes.byteLength - at} bytes are left`);
      at += count;
      return bytes.subarray(at - count, at);
    },
    finish() {
      if (at !== bytes.byteLength) fail(`${bytes.byteLength - at} bytes follow the last input`);
    },
  };
}

/** Who names shared memory expects nothing in the body: to answer there, or to miss data, would say less than this. */
function refuseSharedMemory(parameters: Json, name: string): void {
  if (parameters['shared_memory_region'] !== undefined) failTensor(name, 'the shared memory extension is not served');
}

function readInput(item: Plain, taker: ReturnType<typeof createByteTaker>): InferInput {
  const json = readObject(item, 'an input');
  const name = readName(json, 'an input');
  const { datatype, data } = json;
  if (typeof datatype !== 'string') failTensor(name, 'it names no datatype');
  const head = { name, datatype, shape: readShape(json, name) };
  const parameters = parametersOf(json, name);
  refuseSharedMemory(parameters, name);
  const size = parameters['binary_data_size'];
  if (size === undefined) return data === undefined ? failTensor(name, 'it has no data') : { ...head, data };
  if (!Number.isSafeInteger(size) || (size as number) < 0) failTensor(name, 'binary_data_size is no count');
  if (data !== undefined) failTensor(name, 'it has data and binary_data_size');
  return { ...head, binary: taker.take(size as number, name) };
}

function readOutput(item: Plain): InferOutput {
  const json = readObject(item, 'an output');
  const name = readName(json, 'an output');
  const parameters = parametersOf(json, name);
  if (parameters['classification'] !== undefined) failTensor(name, 'the classification extension is not served');
  refuseSharedMemory(parameters, name);
  const flag = parameters['binary_data'];
  return { name, isBinary: typeof flag === 'boolean' ? flag : undefined };
}

function checkUnique(names: readonly string[], what: string): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) fail(`${what} ${twice} stands twice`);
}

const STRING_OR_BIG = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;

/** Whole numbers past 2^53 as texts, so that no digit is lost on the way through a double. */
function keepBigIntegers(text: string): string {
  if (!/\d{16}/.test(text)) return text;
  return text.replace(STRING_OR_BIG, (found) => (found.startsWith('"') ? found : `"${found}"`));
}

/**
 * Parses the body of an inference request: JSON, and behind it the raw bytes of the inputs that say `binary_data_size`.
 * `jsonBytes` is the Inference-Header-Content-Length; undefined: everything is JSON. Throws BODY_UNDECODABLE.
 */
export function parseInferRequest(body: Uint8Array, jsonBytes: number | undefined): InferRequest {
  const end = jsonBytes ?? body.byteLength;
  if (!Number.isSafeInteger(end) || end < 0 || end > body.byteLength) {
    fail(`Inference-Header-Content-Length is ${jsonBytes}; the body has ${body.byteLength} bytes`);
  }
  if (end > LIMITS.jsonBodyBytes) fail(`its JSON is longer than ${LIMITS.jsonBodyBytes} bytes`);
  const text = Buffer.from(body.buffer, body.byteOffset, end).toString('utf8');
  const json = readObject(parseJson(keepBigIntegers(text), 'body'), 'the body');
  const { id, inputs, outputs } = json;
  if (id !== undefined && typeof id !== 'string') fail('its id is no text');
  if (!Array.isArray(inputs) || inputs.length === 0) fail('it has no inputs');
  if (outputs !== undefined && !Array.isArray(outputs)) fail('its outputs are no list');
  const taker = createByteTaker(body.subarray(end));
  const request = {
    id,
    inputs: inputs.map((item) => readInput(item, taker)),
    outputs: outputs === undefined || outputs.length === 0 ? null : outputs.map(readOutput),
    wantsBinary: parametersOf(json, 'the request')['binary_data_output'] === true,
  };
  taker.finish();
  checkUnique(
    request.inputs.map(({ name }) => name),
    'the input',
  );
  checkUnique(
    (request.outputs ?? []).map(({ name }) => name),
    'the output',
  );
  return request;
}
