import { castArray } from '../tensor/cast.js';
import { toContiguous } from '../tensor/contiguous.js';
import type { NdArray } from '../tensor/ndarray.js';
import type { Plain } from '../tensor/value.js';

/** A reply taken apart: arrays, and everything else as plain data, by name. */
export type ReplyParts = ReadonlyMap<string, NdArray | { readonly plain: Plain }>;

/**
 * How far a reply may lie from the one that a sample expects. Engines sum in other orders on other processors: floats may
 * differ by `absolute + relative·|expected|`; of whole numbers, whose borders then move, `wholeShare` may differ.
 */
const SAMPLE_TOLERANCE = { absolute: 1e-4, relative: 1e-3, wholeShare: 1e-4 };

function isClose(expected: number, found: number): boolean {
  if (Object.is(expected, found) || expected === found) return true;
  return Math.abs(found - expected) <= SAMPLE_TOLERANCE.absolute + SAMPLE_TOLERANCE.relative * Math.abs(expected);
}

function compareArrays(expected: NdArray, found: NdArray): string | null {
  const label = ({ dtype, shape }: NdArray): string => `${dtype} [${shape.join(', ')}]`;
  if (label(expected) !== label(found)) return `expected ${label(expected)}; found ${label(found)}.`;
  const isFloat = expected.dtype.startsWith('float');
  const dense = (array: NdArray): NdArray['data'] =>
    toContiguous(isFloat ? castArray(array, 'float64') : array, 'C').data;
  const [wanted, given] = [dense(expected), dense(found)];
  const count = expected.shape.reduce((product, axis) => product * axis, 1);
  let [different, first] = [0, -1];
  for (let index = 0; index < count; index += 1) {
    const [a, b] = [wanted[index]!, given[index]!];
    if (isFloat ? isClose(Number(a), Number(b)) : a === b) continue;
    different += 1;
    if (first < 0) first = index;
  }
  if (different <= (isFloat ? 0 : count * SAMPLE_TOLERANCE.wholeShare)) return null;
  return `${different} of ${count} elements differ; at ${first} expected ${wanted[first]}, found ${given[first]}.`;
}

const isNested = (value: Plain): value is { [key: string]: Plain } | Plain[] =>
  typeof value === 'object' && value !== null;

function describePlain(value: Plain): string {
  if (!isNested(value)) return (typeof value === 'string' ? JSON.stringify(value) : String(value)).slice(0, 60);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return `an object with ${Object.keys(value).slice(0, 5).join(', ') || 'nothing in it'}`;
}

function comparePlain(expected: Plain, found: Plain, pointer: string): string | null {
  const at = pointer === '' ? '' : `${pointer}: `;
  if (typeof expected === 'number' && typeof found === 'number') {
    return isClose(expected, found) ? null : `${at}expected ${expected}; found ${found}.`;
  }
  const differ = `${at}expected ${describePlain(expected)}; found ${describePlain(found)}.`;
  if (!isNested(expected) || !isNested(found)) return expected === found ? null : differ;
  const [wanted, given] = [new Map(Object.entries(expected)), new Map(Object.entries(found))];
  if (Array.isArray(expected) !== Array.isArray(found) || wanted.size !== given.size) return differ;
  for (const [key, value] of wanted) {
    const other = given.get(key);
    if (other === undefined) return `${at}there is no '${key}'; found ${describePlain(found)}.`;
    const difference = comparePlain(value, other, `${pointer}/${key}`);
    if (difference !== null) return difference;
  }
  return null;
}

/** The first thing by which a reply differs from the expected one beyond the tolerance, in words; null when none. */
export function findDifference(expected: ReplyParts, found: ReplyParts): string | null {
  const names = (parts: ReplyParts): string => [...parts.keys()].sort().join(', ');
  if (names(expected) !== names(found)) return `expected the outputs ${names(expected)}; found ${names(found)}.`;
  for (const [name, wanted] of expected) {
    const given = found.get(name)!;
    if ('plain' in wanted !== 'plain' in given) return `${name}: one is an array and the other is not.`;
    const difference =
      'plain' in wanted || 'plain' in given
        ? comparePlain((wanted as { plain: Plain }).plain, (given as { plain: Plain }).plain, '')
        : compareArrays(wanted, given);
    if (difference !== null) return `${name}: ${difference}`;
  }
  return null;
}
