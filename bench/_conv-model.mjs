import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';

const { encodeField, encodeLengthPrefix, encodeVarint, encodeVarintField, joinBytes } = await import(
  path.resolve(import.meta.dirname, '..', 'dist', 'core', 'onnx', 'wire-write.js')
);

/** A field whose payload comes in pieces: the weights are never copied together. */
const wrap = (number, pieces) => [
  encodeLengthPrefix(
    number,
    pieces.reduce((sum, piece) => sum + piece.length, 0),
  ),
  ...pieces,
];

function value(name, channels) {
  const axes = ['batch', channels, 'x', 'y', 'z'].map((axis) =>
    encodeField(1, typeof axis === 'number' ? encodeVarintField(1, axis) : encodeField(2, axis)),
  );
  const tensor = joinBytes([encodeVarintField(1, 1), encodeField(2, joinBytes(axes))]);
  return joinBytes([encodeField(1, name), encodeField(2, encodeField(1, tensor))]);
}

/** Writes an ONNX file of `layers` 3-D convolutions, weights inline: 28.3 MB each with 512 channels. */
export function writeConvModel(file, layers, channels = 512) {
  const weights = new Float32Array(channels * channels * 27).map((_, index) => ((index % 17) - 8) / 5000);
  const raw = new Uint8Array(weights.buffer);
  const pads = joinBytes([
    encodeField(1, 'pads'),
    ...Array.from({ length: 6 }, () => encodeVarintField(8, 1)),
    encodeVarintField(20, 7),
  ]);
  const nodes = Array.from({ length: layers }, (_, n) => {
    const names = [n === 0 ? 'image' : `t${n}`, `w${n}`].map((name) => encodeField(1, name));
    const output = encodeField(2, n === layers - 1 ? 'prediction' : `t${n + 1}`);
    return encodeField(1, joinBytes([...names, output, encodeField(4, 'Conv'), encodeField(5, pads)]));
  });
  const dims = joinBytes([channels, channels, 3, 3, 3].map(encodeVarint));
  const tensors = Array.from({ length: layers }, (_, n) =>
    wrap(5, [encodeField(1, dims), encodeVarintField(2, 1), encodeField(8, `w${n}`), ...wrap(9, [raw])]),
  ).flat();
  const graph = [
    ...nodes,
    encodeField(2, 'convolutions'),
    ...tensors,
    encodeField(11, value('image', channels)),
    encodeField(12, value('prediction', channels)),
  ];
  const opset = encodeField(8, joinBytes([encodeField(1, ''), encodeVarintField(2, 17)]));
  const fd = openSync(file, 'w');
  for (const piece of [encodeVarintField(1, 8), ...wrap(7, graph), opset]) writeSync(fd, piece);
  closeSync(fd);
}
