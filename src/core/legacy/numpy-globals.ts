import { EisenError } from '../errors/error.js';
import { DTYPES, type DType } from '../tensor/dtype.js';
import { countElements, type NdArray, wrapNdArray } from '../tensor/ndarray.js';
import { type GlobalRule, invalid, type PickleMachine, refused, spendBytes } from './pickle-machine.js';
import { isNode, nameKind, type PickleNode, type PickleValue } from './pickle-value.js';

type ArrayNode = Extract<PickleNode, { kind: 'array' }>;

const DTYPE_OF_TYPESTRING = new Map(Object.entries(DTYPES).map(([name, { numpy }]) => [numpy, name as DType]));

/** Elements in host order over the bytes in place; copied only when they are unaligned or in the other byte order. */
function viewElements(machine: PickleMachine, bytes: Uint8Array, dtype: DType, bigEndian: boolean) {
  const row = DTYPES[dtype];
  const swap = bigEndian && row.bytes > 1;
  let source = bytes;
  if (swap || bytes.byteOffset % row.bytes !== 0) {
    // Not slice(): on a Buffer that is a view.
    source = new Uint8Array(bytes);
    spendBytes(machine, bytes.byteLength);
  }
  if (swap) {
    const buffer = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
    if (row.bytes === 2) buffer.swap16();
    else if (row.bytes === 4) buffer.swap32();
    else buffer.swap64();
  }
  return new row.array(source.buffer, source.byteOffset, source.byteLength / row.bytes);
}

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
  const shape = parts.shape.items as number[];
  const needed = countElements(shape, where) * DTYPES[dtype].bytes;
  if (needed !== parts.data.bytes.byteLength) {
    throw new EisenError(
      'TENSOR_DATA',
      `${where}: shape [${shape.join(', ')}] of ${dtype} needs ${needed} bytes; found ${parts.data.bytes.byteLength}.`,
      { where },
    );
  }
  const elements = viewElements(machine, parts.data.bytes, dtype, bigEndian);
  return wrapNdArray(dtype, shape, elements, parts.fortran ? 'F' : 'C');
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
