import { EisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import type { PickleCursor } from './pickle-cursor.js';
import { isNode, nameKind, type PickleNode, type PickleValue } from './pickle-value.js';

/** What one entry of the closed list does. Without `call` a global may stand as a value but not as a REDUCE target. */
export interface GlobalRule {
  readonly call?: (args: readonly PickleValue[], machine: PickleMachine) => PickleValue;
  /** May be the class of an object whose state is a dict (transforms of a chain). */
  readonly instance?: boolean;
}

/** Full dotted names that a stream may mention, and nothing else. */
export type ClosedList = ReadonlyMap<string, GlobalRule>;

/** The state of one read: a stack, its marks, the memo and the budgets. */
export interface PickleMachine {
  readonly cursor: PickleCursor;
  readonly globals: ClosedList;
  readonly stack: PickleValue[];
  readonly marks: number[];
  readonly memo: Map<number, PickleValue>;
  /** Nodes and bytes made so far: sharing through the memo must not multiply work. */
  nodes: number;
  builtBytes: number;
}

export function createMachine(cursor: PickleCursor, globals: ClosedList): PickleMachine {
  return { cursor, globals, stack: [], marks: [], memo: new Map(), nodes: 0, builtBytes: 0 };
}

export function invalid(machine: PickleMachine, what: string): EisenError {
  const { where } = machine.cursor;
  return new EisenError('PICKLE_INVALID', `${where}: ${what} at offset ${machine.cursor.offset()}.`, { where });
}

/** The refusal of anything that Python would run. */
export function refused(machine: PickleMachine, what: string): EisenError {
  const { where } = machine.cursor;
  return new EisenError(
    'PICKLE_REFUSED',
    `${where}: ${what} at offset ${machine.cursor.offset()} is outside the closed list; nothing was run.`,
    { where, found: what, hint: 'Accepted are numpy arrays and scalars, dict, list, tuple, set, str, bytes, numbers.' },
  );
}

export function push(machine: PickleMachine, value: PickleValue): void {
  machine.nodes += 1;
  if (machine.nodes > LIMITS.msgpackNodes) {
    const { where } = machine.cursor;
    throw new EisenError('LIMIT_EXCEEDED', `${where}: the pickle has more than ${LIMITS.msgpackNodes} values.`, {
      where,
    });
  }
  machine.stack.push(value);
}

/** The top of the stack, not below the last mark. */
export function pop(machine: PickleMachine): PickleValue {
  const floor = machine.marks.at(-1) ?? 0;
  if (machine.stack.length <= floor) throw invalid(machine, 'an empty stack is read');
  return machine.stack.pop() as PickleValue;
}

export function popNode<K extends PickleNode['kind']>(
  machine: PickleMachine,
  kind: K,
): Extract<PickleNode, { kind: K }> {
  const value = pop(machine);
  if (!isNode(value, kind)) throw invalid(machine, `a ${kind} is needed and ${nameKind(value)} is found`);
  return value;
}

/** Everything above the last mark. */
export function popToMark(machine: PickleMachine): PickleValue[] {
  const mark = machine.marks.pop();
  if (mark === undefined) throw invalid(machine, 'a mark is missing');
  return machine.stack.splice(mark);
}

/**
 * Accounts for bytes that a call makes out of memoised ones. An honest stream makes each byte at most twice (text to
 * bytes, bytes to array), so three times the stream bounds a hostile one that repeats a call on one big string.
 */
export function spendBytes(machine: PickleMachine, bytes: number): void {
  machine.builtBytes += bytes;
  if (machine.builtBytes > 3 * machine.cursor.length) {
    const { where } = machine.cursor;
    throw new EisenError('LIMIT_EXCEEDED', `${where}: the pickle builds more bytes than three times its own length.`, {
      where,
    });
  }
}
