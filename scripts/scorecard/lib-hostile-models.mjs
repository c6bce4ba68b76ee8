// Graphs that are broken, lie, or eat what they get.
import { loopModel } from '../../.build/test/support/loop-model.js';
import { encodeAttribute, encodeGraph, encodeTinyModel, identityModel } from '../../.build/test/support/tiny-onnx.js';
import { encodeField } from '../../dist/core/onnx/wire-write.js';

const VALUE = { name: 'image', shape: ['batch', 1] };
const OUT = { name: 'prediction', shape: ['batch', 1] };
const model = (nodes, more = {}) => encodeTinyModel({ inputs: [VALUE], outputs: [OUT], nodes, ...more });
const add = (initializer) =>
  model([{ op: 'Add', inputs: ['image', 'w'], outputs: ['prediction'] }], { initializers: [initializer] });
const raw = (count) => new Uint8Array(4 * count);

function nestedIf(depth) {
  let node = { op: 'Identity', inputs: ['image'], outputs: ['prediction'] };
  for (let level = 0; level < depth; level++) {
    const body = encodeGraph({ inputs: [], outputs: [OUT], nodes: [node] });
    const branch = (name) => encodeAttribute(name, [encodeField(6, body)], 5);
    node = { op: 'If', inputs: ['yes'], outputs: ['prediction'], attributes: [branch('then_branch')] };
  }
  return model([node], { initializers: [{ name: 'yes', dims: [], type: 9, raw: new Uint8Array([1]) }] });
}

function constantOf(axes) {
  const dims = { name: 'axes', dims: [axes.length], type: 7, raw: new Uint8Array(BigInt64Array.from(axes).buffer) };
  const nodes = [
    { op: 'ConstantOfShape', inputs: ['axes'], outputs: ['big'] },
    { op: 'ReduceMax', inputs: ['big'], outputs: ['most'] },
    { op: 'Add', inputs: ['image', 'most'], outputs: ['prediction'] },
  ];
  return model(nodes, { initializers: [dims] });
}

/**
 * A model that takes `width` floats of memory for each row of its input [batch, 1] and gives the sum of them: small for one
 * row, as large as one likes for many.
 */
export function hungryModel(width) {
  const int64 = (name, values) => ({
    name,
    dims: [values.length],
    type: 7,
    raw: new Uint8Array(BigInt64Array.from(values).buffer),
  });
  const nodes = [
    { op: 'Expand', inputs: ['image', 'width'], outputs: ['wide'] },
    { op: 'ReduceSum', inputs: ['wide', 'axes'], outputs: ['prediction'] },
  ];
  return model(nodes, { initializers: [int64('width', [1n, BigInt(width)]), int64('axes', [1n])] });
}

const whole = Buffer.from(identityModel(['batch', 1]));
const chain = (count) =>
  Array.from({ length: count }, (_, n) => ({
    op: 'Identity',
    inputs: [n === 0 ? 'image' : `v${n}`],
    outputs: [n === count - 1 ? 'prediction' : `v${n + 1}`],
  }));

/** Name and bytes of each; what follows `runs: true` loads, and must be dealt with when it is run. */
export const HOSTILE_MODELS = [
  ['empty', Buffer.alloc(0)],
  ['zeros', Buffer.alloc(1000)],
  ['noise', Buffer.from(Array.from({ length: 2000 }, (_, n) => (n * 7919 + 13) & 255))],
  ['cut off', whole.subarray(0, whole.length - 20)],
  [
    'operators of an unknown domain',
    model([{ op: 'Evil', inputs: ['image'], outputs: ['prediction'], domain: 'evil' }]),
  ],
  ['an unknown operator', model([{ op: 'Evil', inputs: ['image'], outputs: ['prediction'] }])],
  [
    'a cycle',
    model([
      { op: 'Add', inputs: ['image', 'b'], outputs: ['prediction'] },
      { op: 'Identity', inputs: ['prediction'], outputs: ['b'] },
    ]),
  ],
  ['an input that nothing makes', model([{ op: 'Add', inputs: ['image', 'nothing'], outputs: ['prediction'] }])],
  ['an opset of the far future', model(chain(1), { opset: 9999 })],
  ['lying lengths', add({ name: 'w', dims: [1000], raw: raw(1) })],
  ['overflowing lengths', add({ name: 'w', dims: [2 ** 31, 2 ** 31, 2 ** 31], raw: raw(1) })],
  ['weights in another file', add({ name: 'w', dims: [1], external: { location: '../../etc/passwd' } })],
  ['200 nested branches', nestedIf(200)],
  ['200,000 nodes', model(chain(200_000))],
  ['a constant of 64 GiB', constantOf([16n * 1024n ** 3n])],
  ['a constant of 3 GiB', constantOf([768n * 1024n ** 2n])],
  ['a loop without end', loopModel(2n ** 62n)],
];

/** One to four damaged places in a sound model. */
export function mutateModel(random) {
  const bytes = Buffer.from(random(2) === 0 ? whole : loopModel(3n));
  for (let n = 1 + random(4); n > 0; n--) {
    const at = random(bytes.length);
    if (random(2) === 0) bytes[at] = random(256);
    else bytes[at] ^= 1 << random(8);
  }
  return random(5) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
}
