import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from '@jest/globals';
import { toContiguous } from '../../src/core/tensor/contiguous.js';
import { DTYPES, type DType, type TypedArray } from '../../src/core/tensor/dtype.js';
import { type NdArray, wrapNdArray } from '../../src/core/tensor/ndarray.js';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');

export interface GoldenCase {
  readonly name: string;
  readonly arrays: Readonly<Record<string, NdArray>>;
  readonly facts: Readonly<Record<string, unknown>>;
}

interface Entry {
  readonly name: string;
  readonly arrays: Record<string, { dtype: DType; shape: number[]; order: 'C' | 'F'; offset: number }>;
}

/** Reads fixtures/golden/ROOM/NAME.golden.gz; the format is told in imaging/golden_file.py. */
export function readGolden(name: string, room = 'imaging'): GoldenCase[] {
  return readGoldenFile(path.join(ROOT, 'fixtures/golden', room, `${name}.golden.gz`));
}

export function readGoldenFile(file: string): GoldenCase[] {
  const bytes = gunzipSync(readFileSync(file));
  const bodyAt = 4 + bytes.readUInt32LE(0);
  const entries = JSON.parse(bytes.toString('utf8', 4, bodyAt)) as Entry[];
  return entries.map((entry) => ({
    name: entry.name,
    facts: { ...entry },
    arrays: Object.fromEntries(
      Object.entries(entry.arrays).map(([key, { dtype, shape, order, offset }]) => {
        const length = shape.reduce((a, b) => a * b, 1);
        const at = bytes.byteOffset + bodyAt + offset;
        const buffer = bytes.buffer.slice(at, at + length * DTYPES[dtype].bytes);
        const data = new DTYPES[dtype].array(buffer, 0, length);
        return [key, wrapNdArray(dtype, shape, data, order)];
      }),
    ),
  }));
}

/** How many elements differ in their bits; NaN is NaN whatever its payload. */
export function countDifferences(found: NdArray, wanted: NdArray): number {
  expect({ dtype: found.dtype, shape: found.shape }).toEqual({ dtype: wanted.dtype, shape: wanted.shape });
  const a = toContiguous(found).data as TypedArray;
  const b = toContiguous(wanted).data as TypedArray;
  let count = 0;
  for (let n = 0; n < b.length; n += 1) if (!Object.is(a[n], b[n])) count += 1;
  return count;
}
