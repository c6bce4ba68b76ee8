import { describe, expect, it } from '@jest/globals';
import { isEisenError } from '../../../../src/core/errors/error.js';
import type { TensorDescription } from '../../../../src/core/metadata/metadata.js';
import { decodeBody } from '../../../../src/core/model/codecs/decode-body.js';
import { OIP_TYPE } from '../../../../src/core/model/codecs/oip/decode-infer.js';
import type { DecodedBody, HandlerReply } from '../../../../src/core/model/handler-row.js';
import type { DType } from '../../../../src/core/tensor/dtype.js';
import { type NdArray, wrapNdArray } from '../../../../src/core/tensor/ndarray.js';
import type { Fields } from '../../../../src/core/tensor/value.js';

const IMAGE: TensorDescription = { name: 'image', type: 'ndarray', shape: [-1, 2] };

interface Ask {
  readonly json?: unknown;
  readonly text?: string;
  readonly raw?: Uint8Array;
  /** The header; absent: none is sent. */
  readonly length?: number | string;
}

function decode(
  { json, text, raw = new Uint8Array(), length }: Ask,
  inputs: readonly TensorDescription[] = [IMAGE],
): DecodedBody {
  const head = Buffer.from(text ?? (json === undefined ? '' : JSON.stringify(json)));
  const headers: [string, string][] = [
    ['x-eisen-model', 'm'],
    ['x-eisen-model-version', '1.0'],
  ];
  if (length !== undefined) headers.push(['Inference-Header-Content-Length', String(length)]);
  const value = Buffer.concat([head, raw]);
  return decodeBody({ headers, parameters: [{ name: 'body', contentType: OIP_TYPE, value }] }, inputs)!;
}

function arrayOf(decoded: DecodedBody, name = 'image'): NdArray {
  const value = decoded.fields.get(name);
  if (value?.kind !== 'array') throw new Error(`${name} is no array`);
  return value.array;
}

function refusal(ask: Ask, inputs?: readonly TensorDescription[]): string {
  try {
    decode(ask, inputs);
  } catch (error) {
    if (isEisenError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

const tensor = (more: Record<string, unknown> = {}) => ({
  name: 'image',
  shape: [1, 2],
  datatype: 'FP32',
  data: [1, 2],
  ...more,
});

describe('a tensor as JSON', () => {
  it.each<[string, DType, unknown, readonly unknown[]]>([
    ['FP32', 'float32', [1.5, -2], [1.5, -2]],
    ['FP32', 'float32', [[1.5, -2]], [1.5, -2]],
    ['FP64', 'float64', [0.1, 1e300], [0.1, 1e300]],
    ['INT8', 'int8', [-128, 127], [-128, 127]],
    ['UINT16', 'uint16', [0, 65535], [0, 65535]],
    ['BOOL', 'bool', [true, 0], [1, 0]],
    ['INT64', 'int64', [1, -2], [1n, -2n]],
  ])('of %s is %s', (datatype, dtype, data, elements) => {
    const array = arrayOf(decode({ json: { inputs: [tensor({ datatype, data })] } }));
    expect([array.dtype, array.shape, [...array.data]]).toEqual([dtype, [1, 2], elements]);
  });

  it('keeps every digit of a 64-bit number, and leaves texts alone', () => {
    const text =
      '{"id":"1234567890123456789","inputs":[{"name":"image","shape":[1,2],"datatype":"INT64","data":[9007199254740993,-9223372036854775808]}]}';
    const decoded = decode({ text });
    expect([...arrayOf(decoded).data]).toEqual([9007199254740993n, -9223372036854775808n]);
    const reply = decoded.encode!(
      new Map([['out', { kind: 'array', array: wrapNdArray('int64', [1], new BigInt64Array([9007199254740993n])) }]]),
    );
    expect(Buffer.concat(reply.body).toString()).toContain('"data":[9007199254740993]');
    expect(Buffer.concat(reply.body).toString()).toContain('"id":"1234567890123456789"');
  });

  it.each<[string, Ask]>([
    ['there are 3 elements; or more than', { json: { inputs: [tensor({ data: [1, 2, 3] })] } }],
    ['there are 1 elements', { json: { inputs: [tensor({ data: [1] })] } }],
    ['an element is no number', { json: { inputs: [tensor({ data: [1, 'x'] })] } }],
    ['an element is no number', { json: { inputs: [tensor({ data: [1, null] })] } }],
    ['does not fit UINT8', { json: { inputs: [tensor({ datatype: 'UINT8', data: [1, 256] })] } }],
    ['is no whole number', { json: { inputs: [tensor({ datatype: 'INT32', data: [1, 1.5] })] } }],
    ['FP16 cannot travel as JSON numbers', { json: { inputs: [tensor({ datatype: 'FP16' })] } }],
    ['datatype BF16 is not known', { json: { inputs: [tensor({ datatype: 'BF16' })] } }],
    ['its shape is no list of counts', { json: { inputs: [tensor({ shape: [1, -2] })] } }],
    ['its shape is no list of counts', { json: { inputs: [tensor({ shape: [1.5] })] } }],
    ['more than', { json: { inputs: [tensor({ shape: [4294967296, 4294967296] })] } }],
    ['it has no data', { json: { inputs: [tensor({ data: undefined })] } }],
    ['the input image stands twice', { json: { inputs: [tensor(), tensor()] } }],
    ['the output a stands twice', { json: { inputs: [tensor()], outputs: [{ name: 'a' }, { name: 'a' }] } }],
    ['the model has no such input', { json: { inputs: [tensor({ name: 'other' })] } }],
    ['it has no inputs', { json: { inputs: [] } }],
    ['the body is no object', { json: [] }],
    ['its id is no text', { json: { id: 7, inputs: [tensor()] } }],
    ['an input has no name', { json: { inputs: [tensor({ name: '' })] } }],
    [
      'classification extension is not served',
      { json: { inputs: [tensor()], outputs: [{ name: 'a', parameters: { classification: 3 } }] } },
    ],
    [
      'shared memory extension is not served',
      { json: { inputs: [tensor({ data: undefined, parameters: { shared_memory_region: 'r' } })] } },
    ],
    [
      'shared memory extension is not served',
      { json: { inputs: [tensor()], outputs: [{ name: 'a', parameters: { shared_memory_region: 'r' } }] } },
    ],
    ['levels deep', { text: `{"inputs":${'['.repeat(200)}` }],
    ['body:', { text: '' }],
  ])('is refused: %s', (reason, ask) => {
    const expected = reason.replace('there are 3 elements; or ', '');
    expect(refusal(ask)).toContain(expected);
    expect(refusal(ask)).toMatch(/^(BODY_UNDECODABLE|LIMIT_EXCEEDED): /);
  });

  it('carries a file in base64', () => {
    const scan: TensorDescription = { name: 'scan', type: 'nifti', shape: [-1, -1, -1] };
    const json = (data: string) => ({
      json: { inputs: [{ name: 'scan', shape: [1], datatype: 'BYTES', data: [data] }] },
    });
    expect(decode(json('AQI='), [scan]).fields.get('scan')).toMatchObject({ kind: 'file', bytes: Buffer.from([1, 2]) });
    expect(refusal(json('no base64!'), [scan])).toContain('a file in JSON must be base64');
  });

  it('is refused when another input is missing', () => {
    const other: TensorDescription = { name: 'note', type: 'str', shape: [1] };
    expect(refusal({ json: { inputs: [tensor()] } }, [IMAGE, other])).toContain('note: the input is missing');
  });
});

describe('a tensor as raw bytes', () => {
  const floats = new Uint8Array(new Float32Array([1.5, -2]).buffer);
  const binary = (size: unknown) => ({
    name: 'image',
    shape: [1, 2],
    datatype: 'FP32',
    parameters: { binary_data_size: size },
  });
  const withLength = (json: unknown, raw: Uint8Array, length = JSON.stringify(json).length): Ask => ({
    json,
    raw,
    length,
  });

  it('follows the JSON, wherever that ends', () => {
    for (const pad of ['', ' ', '  ', '   ']) {
      const text = `${JSON.stringify({ inputs: [binary(8)] })}${pad}`;
      expect([...arrayOf(decode({ text, raw: floats, length: text.length })).data]).toEqual([1.5, -2]);
    }
  });

  it('of several inputs stands in their order, byte strings behind their lengths', () => {
    const scan: TensorDescription = { name: 'scan', type: 'nifti', shape: [-1, -1, -1] };
    const json = {
      inputs: [{ name: 'scan', shape: [1], datatype: 'BYTES', parameters: { binary_data_size: 7 } }, binary(8)],
    };
    const decoded = decode(withLength(json, Buffer.concat([Buffer.from([3, 0, 0, 0, 7, 8, 9]), floats])), [
      IMAGE,
      scan,
    ]);
    expect(decoded.fields.get('scan')).toMatchObject({ kind: 'file', bytes: Buffer.from([7, 8, 9]) });
    expect([...arrayOf(decoded).data]).toEqual([1.5, -2]);
  });

  it.each<[string, Ask]>([
    ['8 bytes are left', withLength({ inputs: [binary(9)] }, floats)],
    ['needs 8 bytes', withLength({ inputs: [binary(4)] }, floats.subarray(4))],
    ['4 bytes follow the last input', withLength({ inputs: [binary(8)] }, Buffer.concat([floats, floats.subarray(4)]))],
    ['binary_data_size is no count', withLength({ inputs: [binary(-1)] }, floats)],
    ['it has data and binary_data_size', withLength({ inputs: [{ ...binary(8), data: [1, 2] }] }, floats)],
    ['Inference-Header-Content-Length is 5000', { json: {}, length: 5000 }],
    ['Inference-Header-Content-Length is NaN', { json: {}, length: '0x10' }],
  ])('is refused: %s', (reason, ask) => expect(refusal(ask)).toContain(reason));

  it.each<[string, number[]]>([
    ['ends inside of its length', [1, 0]],
    ['is longer than what is left', [9, 0, 0, 0, 1]],
    ['there are 0 elements', []],
    ['there are more than 1 elements', [0, 0, 0, 0, 0, 0, 0, 0]],
  ])('of byte strings is refused: %s', (reason, bytes) => {
    const note: TensorDescription = { name: 'note', type: 'str', shape: [1] };
    const json = {
      inputs: [{ name: 'note', shape: [1], datatype: 'BYTES', parameters: { binary_data_size: bytes.length } }],
    };
    expect(refusal(withLength(json, Uint8Array.from(bytes)), [note])).toContain(reason);
  });

  it('without any JSON is the only input, and one free axis is worked out', () => {
    const array = arrayOf(decode({ raw: new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer), length: 0 }));
    expect([array.shape, [...array.data]]).toEqual([
      [2, 2],
      [1, 2, 3, 4],
    ]);
  });

  it.each<[string, readonly TensorDescription[]]>([
    ['it must have only 1 input', [IMAGE, { ...IMAGE, name: 'b' }]],
    ['more than one variable-sized dimension', [{ ...IMAGE, shape: [-1, -1] }]],
  ])('without any JSON is refused: %s', (reason, inputs) => {
    expect(refusal({ raw: floats, length: 0 }, inputs)).toContain(reason);
  });
});

describe('the reply', () => {
  const outputs: Fields = new Map([
    ['mask', { kind: 'array', array: wrapNdArray('uint8', [1, 2], new Uint8Array([3, 4])) }],
    ['odd', { kind: 'array', array: wrapNdArray('float32', [2], new Float32Array([0.5, Number.NaN])) }],
    ['note', { kind: 'plain', value: 'hä' }],
    ['file', { kind: 'file', bytes: Uint8Array.from([1, 2]) }],
  ]);
  const answer = (more: Record<string, unknown>, fields = outputs): HandlerReply =>
    decode({ json: { inputs: [tensor()], ...more } }).encode!(fields);
  const jsonOf = (reply: HandlerReply): Record<string, unknown> => {
    const length = reply.headers.find(([name]) => name === 'Inference-Header-Content-Length')?.[1];
    const bytes = Buffer.concat(reply.body);
    return JSON.parse(bytes.subarray(0, length === undefined ? bytes.length : Number(length)).toString()) as Record<
      string,
      unknown
    >;
  };

  it('names model and version, echoes the id and carries all outputs', () => {
    const reply = answer({ id: 'mine' });
    expect(reply.contentType).toBe('application/json');
    expect(jsonOf(reply)).toEqual({
      model_name: 'm',
      model_version: '1.0',
      id: 'mine',
      outputs: [
        { name: 'mask', datatype: 'UINT8', shape: [1, 2], data: [3, 4] },
        { name: 'odd', datatype: 'FP32', shape: [2], data: [0.5, null] },
        { name: 'note', datatype: 'BYTES', shape: [1], data: ['hä'] },
        { name: 'file', datatype: 'BYTES', shape: [1], parameters: { content_type: 'base64' }, data: ['AQI='] },
      ],
    });
  });

  it('carries the outputs that were asked for, in that order, each in its form', () => {
    const asked = [{ name: 'note', parameters: { binary_data: true } }, { name: 'mask' }];
    const reply = answer({ outputs: asked });
    expect(jsonOf(reply)).toMatchObject({
      outputs: [
        { name: 'note', parameters: { binary_data_size: 7 } },
        { name: 'mask', data: [3, 4] },
      ],
    });
    expect(Buffer.concat(reply.body).subarray(-7)).toEqual(Buffer.from([3, 0, 0, 0, 0x68, 0xc3, 0xa4]));
  });

  it('is raw for all when the request says so, but for an output that says otherwise', () => {
    const asked = [{ name: 'mask' }, { name: 'odd', parameters: { binary_data: false } }];
    const reply = answer({ parameters: { binary_data_output: true }, outputs: asked });
    expect(reply.contentType).toBe('application/octet-stream');
    expect(jsonOf(reply)).toMatchObject({ outputs: [{ parameters: { binary_data_size: 2 } }, { data: [0.5, null] }] });
    expect([...Buffer.concat(reply.body).subarray(-2)]).toEqual([3, 4]);
  });

  it('refuses an output that the model does not have', () => {
    expect(() => answer({ outputs: [{ name: 'none' }] })).toThrow('The model has no output none.');
  });
});
