import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { isEisenError } from '../../../src/core/errors/error.js';
import { wrapBytes } from '../../../src/core/files/byte-source.js';
import { LIMITS } from '../../../src/core/limits.js';
import { readOnnxGraph } from '../../../src/core/onnx/read-graph.js';
import { encodeField, encodeVarint, joinBytes } from '../../../src/core/onnx/wire-write.js';
import { rawZip } from '../../support/raw-zip.js';
import {
  addModel,
  encodeAttribute,
  encodeGraph,
  encodeTinyModel,
  identityModel,
  type TinyModel,
} from '../../support/tiny-onnx.js';

const NOTHING: TinyModel = { inputs: [], outputs: [], nodes: [] };

/** TensorProto.dims = -1: the tag of field 1 and a ten-byte number. */
const MINUS_ONE_AXIS = Uint8Array.of(8, ...new Array<number>(9).fill(0xff), 1);

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isEisenError(error)) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('readOnnxGraph', () => {
  it('tells names, dtypes and shapes with free axes and their symbols', () => {
    const graph = readOnnxGraph(identityModel());
    expect(graph.inputs).toEqual([
      {
        name: 'image',
        dtype: 'float32',
        onnxType: 'float32',
        shape: [-1, 1, -1, -1, -1],
        symbols: ['batch', null, 'x', 'y', 'z'],
      },
    ]);
    expect(graph.outputs.map((output) => output.name)).toEqual(['prediction']);
  });

  it('tells producer, operator set, domains and the number of nodes', () => {
    expect(readOnnxGraph(identityModel())).toMatchObject({
      irVersion: 8,
      producer: 'tiny-onnx',
      graphName: 'tiny',
      opset: 17,
      domains: ['ai.onnx'],
      operators: ['Identity'],
      nodeCount: 1,
    });
  });

  it('leaves inputs that are backed by an initializer out, as old files list them', () => {
    const bytes = encodeTinyModel({
      inputs: [
        { name: 'image', shape: [4] },
        { name: 'weights', shape: [4] },
      ],
      outputs: [{ name: 'sum', shape: [4] }],
      nodes: [{ op: 'Add', inputs: ['image', 'weights'], outputs: ['sum'] }],
      initializers: [{ name: 'weights', dims: [4], floats: [1, 2, 3, 4] }],
    });
    const graph = readOnnxGraph(bytes);
    expect(graph.inputs.map((input) => input.name)).toEqual(['image']);
    expect(graph.initializers).toEqual([{ name: 'weights', onnxType: 'float32', dims: [4], inlineBytes: 16 }]);
  });

  it('names element types that have no dtype here', () => {
    const graph = readOnnxGraph(
      encodeTinyModel({
        ...NOTHING,
        inputs: [
          { name: 'text', type: 8, shape: [1] },
          { name: 'odd', type: 77, shape: [1] },
          { name: 'half', type: 10 },
        ],
      }),
    );
    expect(graph.inputs.map(({ dtype, onnxType, shape }) => [dtype, onnxType, shape])).toEqual([
      [null, 'string', [1]],
      [null, 'type 77', [1]],
      ['float16', 'float16', null],
    ]);
  });

  it('lists external data of initializers', () => {
    const graph = readOnnxGraph(
      encodeTinyModel({
        ...NOTHING,
        initializers: [{ name: 'w', dims: [2], external: { location: 'w.bin', offset: '4096', length: '8' } }],
      }),
    );
    expect(graph.externalData).toEqual([{ tensor: 'w', location: 'w.bin', offset: 4096, length: 8 }]);
  });

  it('lists external data and nodes that hide in a subgraph', () => {
    const inner = encodeGraph({
      ...NOTHING,
      nodes: [{ op: 'Evil', domain: 'com.example', inputs: [], outputs: [] }],
      initializers: [{ name: 'hidden', dims: [1], external: { location: '../../etc/passwd' } }],
    });
    const attribute = encodeAttribute('then_branch', [encodeField(6, inner)], 5);
    const graph = readOnnxGraph(
      encodeTinyModel({ ...NOTHING, nodes: [{ op: 'If', inputs: [], outputs: [], attributes: [attribute] }] }),
    );
    expect(graph.externalData.map((data) => data.location)).toEqual(['../../etc/passwd']);
    expect(graph).toMatchObject({ nodeCount: 2, domains: ['ai.onnx', 'com.example'], operators: ['Evil', 'If'] });
  });

  it('reads a model that is not in memory, with a bounded number of small reads', () => {
    const model = addModel(4_000_000);
    let read = 0;
    const source = wrapBytes(model);
    const counted = {
      length: source.length,
      read(offset: number, length: number) {
        const bytes = source.read(offset, length);
        read += bytes.length;
        return bytes;
      },
    };
    expect(readOnnxGraph(counted).initializers[0]).toMatchObject({ name: 'weights', inlineBytes: 16_000_000 });
    expect(read).toBeLessThan(200_000);
  });

  it.each<[string, Uint8Array]>([
    ['no bytes at all', new Uint8Array(0)],
    ['zeros', new Uint8Array(100)],
    ['a truncated model', identityModel().subarray(0, 60)],
    ['a length that points past the end', joinBytes([encodeVarint(7 * 8 + 2), encodeVarint(2 ** 40)])],
    ['an endless number', new Uint8Array(20).fill(0xff)],
    ['a group', Uint8Array.of(3)],
    ['two graphs', joinBytes([identityModel(), identityModel()])],
    ['a name that is not UTF-8', joinBytes([identityModel(), encodeField(2, Uint8Array.of(0xff, 0xfe))])],
    ['a name longer than any name', joinBytes([identityModel(), encodeField(2, 'x'.repeat(70_000))])],
    ['a shape with 33 axes', identityModel(new Array<number>(33).fill(1))],
    ['a tensor with a negative axis', encodeField(7, encodeField(5, MINUS_ONE_AXIS))],
    [
      'an external offset that is no number',
      encodeTinyModel({ ...NOTHING, initializers: [{ name: 'w', dims: [1], external: { offset: '-4' } }] }),
    ],
  ])('refuses %s as ONNX_INVALID', (_title, bytes) => {
    expect(codeOf(() => readOnnxGraph(bytes))).toBe('ONNX_INVALID');
  });

  it('refuses graphs nested deeper than any trained model', () => {
    let graph = encodeGraph(NOTHING);
    for (let depth = 0; depth < 200; depth += 1) {
      const attribute = encodeAttribute('body', [encodeField(6, graph)], 5);
      graph = encodeGraph({ ...NOTHING, nodes: [{ op: 'If', inputs: [], outputs: [], attributes: [attribute] }] });
    }
    expect(codeOf(() => readOnnxGraph(encodeField(7, graph)))).toBe('ONNX_INVALID');
  });

  it('refuses more nodes than the limit as ONNX_TOO_LARGE', () => {
    const node = encodeField(1, encodeField(4, 'Add'));
    const nodes = new Uint8Array(node.length * (LIMITS.onnxNodes + 1));
    for (let at = 0; at < nodes.length; at += node.length) nodes.set(node, at);
    expect(codeOf(() => readOnnxGraph(encodeField(7, nodes)))).toBe('ONNX_TOO_LARGE');
  });

  it('ends every mutated model with an answer or a typed error', () => {
    const model = addModel(8);
    let refused = 0;
    for (let at = 0; at < model.length; at += 1) {
      for (const bit of [0, 3, 7]) {
        const mutated = Uint8Array.from(model);
        mutated[at]! ^= 1 << bit;
        if (codeOf(() => readOnnxGraph(mutated)) !== 'accepted') refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(0);
  });
});

describe('a file that is no ONNX model is called what it is:', () => {
  it.each<[string, Uint8Array, string]>([
    [
      'a PyTorch zip',
      rawZip({ entries: [{ name: 'net/data.pkl' }] }),
      'a PyTorch or TorchScript model (a zip file of Python pickles).',
    ],
    ['a text', Buffer.from('some text\n'), 'a text.'],
    ['nothing', new Uint8Array(0), 'an empty file.'],
    ['a gzip', gzipSync('x'), 'a gzip file.'],
  ])('%s', (_, bytes, kind) => {
    expect(() => readOnnxGraph(bytes, 'm.onnx')).toThrow(`m.onnx: it is no ONNX model but ${kind}`);
  });

  it('and one of no known kind by the byte at which it goes wrong', () => {
    expect(() => readOnnxGraph(Buffer.of(0xff, 0xff, 0, 1, 2), 'm.onnx')).toThrow(
      /^m\.onnx: it is no ONNX model: byte 0: /,
    );
  });

  it('while a model that is cut off keeps its byte offset', () => {
    expect(() => readOnnxGraph(addModel(1000).subarray(0, 2000), 'm.onnx')).toThrow(
      /^m\.onnx: byte \d+: field 7 claims/,
    );
  });
});
