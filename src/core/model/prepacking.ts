import type { OnnxGraph } from '../onnx/graph.js';

/**
 * When the engine lays weights out anew at load, for faster matrix products: 'auto' where `paysPrepacking` says so, or always,
 * or never. It concerns weights in files of their own, and inline ones of 16 MiB and more.
 */
export const PREPACKING = ['auto', 'always', 'never'] as const;
export type Prepacking = (typeof PREPACKING)[number];

/**
 * Matrix products read their weights again for every row of a batch; on two cores, six products of 2048 x 2048 took 2, 3.3
 * and 1.2 times as long at 1, 8 and 64 rows without prepacking. Convolutions gain nothing from it. Packing touches every
 * byte: a load takes about four times as long, and what is packed is no longer shared between workers.
 */
export function paysPrepacking(graph: OnnxGraph): boolean {
  const products = ['MatMul', 'Gemm', 'LSTM', 'GRU', 'Attention', 'MatMulNBits'];
  if (!graph.operators.some((operator) => products.includes(operator))) return false;
  const count = (dims: readonly number[]): number => dims.reduce((product, axis) => product * axis, 1);
  let [matrices, kernels] = [0, 0];
  for (const { dims } of graph.initializers) {
    if (dims.length === 2 || dims.length === 3) matrices += count(dims);
    if (dims.length >= 4) kernels += count(dims);
  }
  return matrices > kernels;
}

/** True when weights stay as they are in their file, mapped and shared between workers. */
export function mapsWeights(graph: OnnxGraph, prepacking: Prepacking): boolean {
  return prepacking === 'auto' ? !paysPrepacking(graph) : prepacking === 'never';
}
