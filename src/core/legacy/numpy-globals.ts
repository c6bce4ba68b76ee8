import { viewArray } from '../tensor/array-bytes.js';
import { DTYPES, type DType } from '../tensor/dtype.js';
import type { NdArray } from '../tensor/ndarray.js';
import { type GlobalRule, invalid, type PickleMachine, refused, spendBytes } from './pickle-machine.js';
import { isNode, nameKind, type PickleNode, type PickleValue } from './pickle-value.js';

type ArrayNode = Extract<PickleNode, { kind: 'array' }>;

const DTYPE_OF_TYPESTRING = new Map(Object.entries(DTYPES).map(([name, { numpy }]) => [numpy, name as DType]));

function buildArray(
  machine: PickleMachine,
  parts: { shape: PickleValue; dtype: PickleValue; data: PickleValue; fortran: boolean },
): NdArray {
  const { where } = machine.cursor;
  if (!isNode(parts.dtype, 'dtype')) throw invalid(machine, 'an array without a dtype');
  if (!isNode(parts.shape, 'tuple') || !parts.shape.items.every((axis) => typeof axis === 'number'))
    throw invalid(machine, 'an array shape that is not a tuple of numbers');
  if (!isNode(parts.data, 'bytes')) throw refused(machine, `array elements that are ${nameKind(parts.data)}`);
  const { dtype, bigEndian } = parts.dtype;
  const { bytes } = parts.data;
  if (bigEndian || bytes.byteOffset % DTYPES[dtype].bytes !== 0) spendBytes(machine, bytes.byteLength);
  const shape = parts.shape.items as number[];
  return viewArray(bytes, { dtype, bigEndian }, { shape, where, order: parts.fortran ? 'F' : 'C' });
}

/** The state of `_reconstruct`ed arrays: (version, shape, dtype, is_fortran, bytes). */
export function fillArray(machine: PickleMachine, node: ArrayNode, state: readonly PickleValue[]): void {
  if (state.length !== 5 || state[0] !== 1) throw invalid(machine, 'an array state of unknown form');
  const [, shape, dtype, fortran, data] = state as [number, PickleValue, PickleValue, PickleValue, PickleValue];
  node.array = buildArray(machine, { shape, dtype, data, fortran: fortran === true || fortran === 1 });
}

const makeDtype: GlobalRule['call'] = (args, machine) => {
  const [code] = args;
  const typestring = typeof code === 'string' ? code.replace(/^[<>|=]/, '') : '';
  const dtype = DTYPE_OF_TYPESTRING.get(typestring);
  if (dtype === undefined) throw refused(machine, `the dtype ${typeof code === 'string' ? code : '?'}`);
  return { kind: 'dtype', dtype, bigEndian: typeof code === 'string' && code.startsWith('>') };
};

const reconstruct: GlobalRule['call'] = (args, machine) => {
  const [type] = args;
  if (type === undefined || !isNode(type, 'global') || type.name !== 'numpy.ndarray')
    throw refused(machine, `_reconstruct of ${type === undefined ? 'nothing' : nameKind(type)}`);
  return { kind: 'array', array: null };
};

const fromBuffer: GlobalRule['call'] = (args, machine) => {
  if (args.length !== 4) throw invalid(machine, '_frombuffer without its four arguments');
  const [data, dtype, shape, order] = args as [PickleValue, PickleValue, PickleValue, PickleValue];
  return { kind: 'array', array: buildArray(machine, { shape, dtype, data, fortran: order === 'F' }) };
};

/** A numpy scalar keeps its dtype as an array of rank 0. */
const makeScalar: GlobalRule['call'] = (args, machine) => {
  const [dtype = null, data = null] = args;
  const shape: PickleValue = { kind: 'tuple', items: [] };
  return { kind: 'array', array: buildArray(machine, { shape, dtype, data, fortran: false }) };
};

/** numpy 1 and numpy 2 name the same functions by different modules. */
export const NUMPY_GLOBALS: readonly (readonly [string, GlobalRule])[] = [
  ['numpy.ndarray', {}],
  ['numpy.dtype', { call: makeDtype }],
  ...['numpy.core', 'numpy._core'].flatMap((core): [string, GlobalRule][] => [
    [`${core}.multiarray._reconstruct`, { call: reconstruct }],
    [`${core}.multiarray.scalar`, { call: makeScalar }],
    [`${core}.numeric._frombuffer`, { call: fromBuffer }],
  ]),
];
