import { EisenError } from '../../../errors/error.js';
import { arrayBytes } from '../../../tensor/array-bytes.js';
import { DTYPES } from '../../../tensor/dtype.js';
import { halfToNumber } from '../../../tensor/float16.js';
import type { NdArray } from '../../../tensor/ndarray.js';
import type { Fields, Plain, Value } from '../../../tensor/value.js';
import type { HandlerReply } from '../../handler-row.js';
import { plainToArray } from '../../plain-array.js';
import { packable } from '../encode-reply.js';
import type { InferOutput, InferRequest } from './infer-request.js';

/** An output on its way out. */
interface OutTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly content: NdArray | readonly Uint8Array[];
  /** The elements are no texts: as JSON they travel in base64. */
  readonly isFile?: boolean;
}

function bytesTensor(name: string, elements: readonly Uint8Array[]): OutTensor {
  return { name, datatype: 'BYTES', shape: [elements.length], content: elements };
}

function plainTensor(name: string, value: Plain): OutTensor {
  if (typeof value === 'string') return bytesTensor(name, [Buffer.from(value)]);
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')) {
    return bytesTensor(
      name,
      value.map((item) => Buffer.from(item as string)),
    );
  }
  if (typeof value === 'number' || typeof value === 'boolean') return arrayTensor(name, plainToArray([value], name));
  return bytesTensor(name, [Buffer.from(JSON.stringify(value))]);
}

function arrayTensor(name: string, array: NdArray): OutTensor {
  return { name, datatype: DTYPES[array.dtype].oip, shape: array.shape, content: array };
}

function tensorOf(name: string, value: Value): OutTensor {
  if (value.kind === 'array') return arrayTensor(name, value.array);
  if (value.kind === 'plain') return plainTensor(name, value.value);
  return { ...bytesTensor(name, value.kind === 'file' ? [value.bytes] : []), isFile: true };
}

function isArray(content: OutTensor['content']): content is NdArray {
  return 'dtype' in content;
}

/** The raw form: little-endian elements, or each byte string behind its length. */
function rawPieces({ content }: OutTensor): Uint8Array[] {
  if (isArray(content)) return [arrayBytes(content)];
  return content.flatMap((element) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(element.byteLength);
    return [length, element];
  });
}

/** The elements as JSON text: 64-bit numbers with all their digits, what JSON does not know as null. */
function jsonData({ content, isFile }: OutTensor): string {
  if (!isArray(content)) {
    return JSON.stringify(content.map((element) => Buffer.from(element).toString(isFile ? 'base64' : 'utf8')));
  }
  const bytes = arrayBytes(content);
  const { array: TypedArray, bytes: size } = DTYPES[content.dtype];
  const data = new TypedArray(bytes.buffer, bytes.byteOffset, bytes.byteLength / size);
  const texts = new Array<string>(data.length);
  for (let at = 0; at < data.length; at += 1) {
    const item = data[at]!;
    const number = content.dtype === 'float16' ? halfToNumber(Number(item)) : item;
    if (content.dtype === 'bool') texts[at] = item === 0 ? 'false' : 'true';
    else texts[at] = typeof number === 'bigint' || Number.isFinite(number) ? String(number) : 'null';
  }
  return `[${texts.join(',')}]`;
}

function chooseOutputs(outputs: Fields, asked: readonly InferOutput[] | null): InferOutput[] {
  if (asked === null) return [...outputs.keys()].map((name) => ({ name }));
  const unknown = asked.find(({ name }) => !outputs.has(name));
  if (unknown === undefined) return [...asked];
  throw new EisenError('MODEL_INPUT', `The model has no output ${unknown.name}.`, {
    where: 'outputs',
    expected: [...outputs.keys()].join(', '),
    found: unknown.name,
  });
}

/** Renders the reply to an inference request: JSON, and behind it the raw bytes of the outputs that were asked for so. */
export function renderInferReply(
  outputs: Fields,
  request: Pick<InferRequest, 'id' | 'outputs' | 'wantsBinary'>,
  model: { readonly name: string; readonly version: string },
): HandlerReply {
  const packed = packable(outputs, false);
  const raw: Uint8Array[] = [];
  const rows = chooseOutputs(packed, request.outputs).map(({ name, isBinary = request.wantsBinary }) => {
    const tensor = tensorOf(name, packed.get(name)!);
    const head = `"name":${JSON.stringify(name)},"datatype":"${tensor.datatype}","shape":[${tensor.shape.join(',')}]`;
    const note = tensor.isFile ? ',"parameters":{"content_type":"base64"}' : '';
    if (!isBinary) return `{${head}${note},"data":${jsonData(tensor)}}`;
    const pieces = rawPieces(tensor);
    raw.push(...pieces);
    const size = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
    return `{${head},"parameters":{"binary_data_size":${size}}}`;
  });
  const head = {
    model_name: model.name,
    ...(model.version === '' ? {} : { model_version: model.version }),
    id: request.id,
  };
  const json = Buffer.from(`${JSON.stringify(head).slice(0, -1)},"outputs":[${rows.join(',')}]}`);
  if (raw.length === 0) return { contentType: 'application/json', headers: [], body: [json] };
  return {
    contentType: 'application/octet-stream',
    headers: [['Inference-Header-Content-Length', String(json.byteLength)]],
    body: [json, ...raw],
  };
}
