import type { OnnxGraph, OnnxValue } from '../onnx/graph.js';
import { arrayBytes } from '../tensor/array-bytes.js';
import { DTYPES } from '../tensor/dtype.js';
import { countElements, type NdArray, wrapNdArray } from '../tensor/ndarray.js';

/** Several rows as one: what the model gets, and how many leading elements belong to each row. */
export interface JoinedRows {
  readonly feeds: Map<string, NdArray>;
  readonly rows: number;
  /** Length of the batch axis of each row. */
  readonly each: number;
}

type Feeds = ReadonlyMap<string, NdArray>;

const hasFreeFirstAxis = ({ shape }: OnnxValue): boolean => shape !== null && shape.length > 0 && shape[0] === -1;

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((axis, n) => axis === b[n]);
}

/** True when the graph takes and gives any number of rows: the first axis of every input and output is free, by one name. */
export function isBatchable(graph: OnnxGraph): boolean {
  const values = [...graph.inputs, ...graph.outputs];
  const symbols = new Set(values.flatMap(({ symbols: [first] }) => (first ? [first] : [])));
  return graph.inputs.length > 0 && values.every(hasFreeFirstAxis) && symbols.size <= 1;
}

/**
 * The tensors of all rows behind one another along the first axis; null unless the graph is batchable and every row has
 * the same shapes (and one batch length over all of its inputs).
 */
export function joinRows(rows: readonly Feeds[], graph: OnnxGraph): JoinedRows | null {
  const [first] = rows;
  if (first === undefined || !isBatchable(graph)) return null;
  const lengths = new Set([...first.values()].map(({ shape }) => shape[0]!));
  if (lengths.size !== 1) return null;
  const same = rows.every((row) => [...first].every(([name, array]) => isSame(row.get(name)!.shape, array.shape)));
  if (!same) return null;
  const feeds = new Map<string, NdArray>();
  for (const [name, { dtype, shape }] of first) {
    const count = countElements(shape);
    const data = new DTYPES[dtype].array(count * rows.length);
    const bytes = new Uint8Array(data.buffer);
    for (const [n, row] of rows.entries()) bytes.set(arrayBytes(row.get(name)!), n * count * DTYPES[dtype].bytes);
    feeds.set(name, wrapNdArray(dtype, [shape[0]! * rows.length, ...shape.slice(1)], data));
  }
  return { feeds, rows: rows.length, each: [...lengths][0]! };
}

/** The outputs of each row as views; null when the model gave another number of rows than it got. */
export function splitRows(outputs: Feeds, joined: JoinedRows): Map<string, NdArray>[] | null {
  const total = joined.rows * joined.each;
  if (![...outputs.values()].every(({ shape }) => shape[0] === total)) return null;
  return Array.from({ length: joined.rows }, (_, n) => {
    const views = [...outputs].map(([name, array]): [string, NdArray] => {
      const shape = [joined.each, ...array.shape.slice(1)];
      const count = countElements(shape);
      return [name, wrapNdArray(array.dtype, shape, array.data.subarray(n * count, (n + 1) * count))];
    });
    return new Map(views);
  });
}
