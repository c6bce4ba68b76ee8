import { readScaledValues } from '../../src/core/imaging/scaled.js';
import { castArray } from '../../src/core/tensor/cast.js';
import { toContiguous } from '../../src/core/tensor/contiguous.js';
import { DTYPES } from '../../src/core/tensor/dtype.js';
import { type NdArray, wrapNdArray } from '../../src/core/tensor/ndarray.js';
import type { Fields, Value } from '../../src/core/tensor/value.js';
import { readChain } from '../../src/core/transforms/chain.js';
import { runChain } from '../../src/core/transforms/run-chain.js';
import type { GoldenCase } from './golden.js';

/** How far a result may be from the golden one; nothing: bit for bit. */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** What differs between two arrays in one line, or undefined. */
export function describeDifference(found: NdArray, wanted: NdArray, tolerance?: Tolerance): string | undefined {
  const [a, b] = [`${found.dtype} [${found.shape.join()}]`, `${wanted.dtype} [${wanted.shape.join()}]`];
  if (a !== b) return `${a}, wanted ${b}`;
  const wide = DTYPES[found.dtype].bytes === 2 && DTYPES[found.dtype].kind === 'float';
  const x = toContiguous(wide ? castArray(found, 'float32') : found).data;
  const y = toContiguous(wide ? castArray(wanted, 'float32') : wanted).data;
  for (let n = 0; n < y.length; n += 1) {
    if (Object.is(x[n], y[n])) continue;
    const apart = Math.abs(Number(x[n]) - Number(y[n]));
    if (tolerance && apart <= tolerance.absolute + tolerance.relative * Math.abs(Number(y[n]))) continue;
    return `element ${n} of ${y.length} is ${x[n]}, wanted ${y[n]}`;
  }
  return undefined;
}

function valuesOf(golden: GoldenCase, prefix: string): Map<string, NdArray> {
  return new Map(
    Object.entries(golden.arrays)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, array]) => [key.slice(prefix.length), array]),
  );
}

function place(array: NdArray, matrix: NdArray | undefined): Value {
  if (matrix === undefined) return { kind: 'array', array };
  const affine = Array.from(matrix.data as Float64Array);
  const original = { shape: array.shape, affine, source: 'array' } as const;
  return { kind: 'array', array, geometry: { affine, spatialAxes: [0, 1, 2], original } };
}

/** Runs the chain of a golden case; what differs from the recorded result in one line, or undefined. */
export async function replay(golden: GoldenCase, tolerance?: Tolerance): Promise<string | undefined> {
  const { steps, raises, order, plain } = golden.facts as {
    steps: unknown;
    raises?: string;
    order?: string[];
    plain?: Record<string, unknown>;
  };
  const start: Fields = new Map<string, Value>();
  const places = valuesOf(golden, 'at:');
  for (const [name, array] of valuesOf(golden, 'in:')) start.set(name, place(array, places.get(name)));
  for (const [name, array] of valuesOf(golden, 'file:'))
    start.set(name, { kind: 'file', bytes: array.data as Uint8Array, name: `${name}.nii` });
  let fields: Fields;
  try {
    const { chain, problems } = readChain(steps, 'golden');
    if (problems.length > 0) return raises === undefined ? `refused: ${problems[0]!.message}` : undefined;
    fields = await runChain(chain, start);
  } catch (error) {
    return raises === undefined ? `raised ${(error as Error).message}` : undefined;
  }
  if (raises !== undefined) return `did not raise; Python: ${raises}`;
  if ([...fields.keys()].join() !== order!.join())
    return `fields ${[...fields.keys()].join()}, wanted ${order!.join()}`;
  for (const [name, wanted] of valuesOf(golden, 'out:')) {
    const value = fields.get(name)!;
    if (value.kind !== 'array' && value.kind !== 'image') return `${name} is ${value.kind}`;
    const found = value.kind === 'image' ? readScaledValues(value) : value.array;
    const difference = describeDifference(found, wanted, tolerance);
    if (difference !== undefined) return `${name}: ${difference}`;
  }
  for (const [name, wanted] of valuesOf(golden, 'affine:')) {
    const value = fields.get(name)!;
    const affine = 'geometry' in value ? (value.geometry?.affine ?? []) : [];
    const found = wrapNdArray('float64', [4, 4], Float64Array.from(affine));
    const difference = describeDifference(found, wanted, tolerance ?? { absolute: 0, relative: 0 });
    if (difference !== undefined) return `affine of ${name}: ${difference}`;
  }
  for (const [name, wanted] of Object.entries(plain ?? {})) {
    const value = fields.get(name)!;
    const found = value.kind === 'plain' ? JSON.stringify(value.value) : value.kind;
    if (found !== JSON.stringify(wanted)) return `${name} is ${found}, wanted ${JSON.stringify(wanted)}`;
  }
  return undefined;
}

/** Name and difference of every case that differs. */
export async function replayAll(cases: readonly GoldenCase[], tolerance?: Tolerance): Promise<string[]> {
  const wrong: string[] = [];
  for (const golden of cases) {
    const difference = await replay(golden, tolerance);
    if (difference !== undefined) wrong.push(`${golden.name}: ${difference}`);
  }
  return wrong;
}
