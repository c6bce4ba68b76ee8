import { EisenError } from '../errors/error.js';
import { createCursor } from './pickle-cursor.js';
import { type ClosedList, createMachine, invalid, pop } from './pickle-machine.js';
import { OPCODES } from './pickle-opcodes.js';
import type { PickleValue } from './pickle-value.js';

const PROTO = 0x80;
const STOP = 0x2e;

/** True for the first bytes of a pickle of protocol 2 to 5: no msgpack map and no JSON text starts so. */
export function isPickle(bytes: Uint8Array): boolean {
  return bytes.byteLength > 2 && bytes[0] === PROTO && bytes[1]! >= 2 && bytes[1]! <= 5;
}

/**
 * Reads a pickle as inert data. Nothing that the stream names is imported, called or looked up outside `globals`.
 * Throws PICKLE_INVALID (not a whole pickle), PICKLE_REFUSED (a name or opcode outside the closed list),
 * LIMIT_EXCEEDED, TENSOR_DATA.
 */
export function readPickle(bytes: Uint8Array, options: { where: string; globals: ClosedList }): PickleValue {
  const { where } = options;
  if (!isPickle(bytes)) {
    throw new EisenError('PICKLE_INVALID', `${where}: not a pickle of protocol 2 to 5.`, { where });
  }
  const cursor = createCursor(bytes, where);
  const machine = createMachine(cursor, options.globals);
  cursor.take(2);
  for (;;) {
    const code = cursor.u8();
    if (code === STOP) break;
    const run = OPCODES.get(code);
    if (run === undefined) throw invalid(machine, `the opcode 0x${code.toString(16).padStart(2, '0')} is unknown`);
    run(machine);
  }
  const result = pop(machine);
  const left = cursor.length - cursor.offset();
  if (left > 0) throw invalid(machine, `${left} bytes follow the end of the pickle`);
  return result;
}
