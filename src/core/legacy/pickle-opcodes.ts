import { decodeText } from './pickle-cursor.js';
import { invalid, type PickleMachine, pop, popNode, popToMark, push, refused } from './pickle-machine.js';
import { buildState, callGlobal, makeInstance, pushGlobal } from './pickle-objects.js';
import type { PickleValue } from './pickle-value.js';

type Opcode = (machine: PickleMachine) => void;

const text = (m: PickleMachine, count: number): void => push(m, decodeText(m.cursor.take(count), m.cursor.where));
const bytes = (m: PickleMachine, count: number): void => push(m, { kind: 'bytes', bytes: m.cursor.take(count) });
const tuple = (m: PickleMachine, count: number): void => {
  const items: PickleValue[] = [];
  for (let n = 0; n < count; n += 1) items.unshift(pop(m));
  push(m, { kind: 'tuple', items });
};

/** Two's complement, little-endian, any length; a number where it is exact. */
function long(m: PickleMachine, count: number): void {
  if (count > 255) throw invalid(m, `an integer of ${count} bytes`);
  const digits = m.cursor.take(count);
  let value = 0n;
  for (let n = count - 1; n >= 0; n -= 1) value = (value << 8n) | BigInt(digits[n]!);
  value = BigInt.asIntN(8 * count, value);
  push(m, BigInt(Number(value)) === value && Number.isSafeInteger(Number(value)) ? Number(value) : value);
}

function memoGet(m: PickleMachine, key: number): void {
  const value = m.memo.get(key);
  if (value === undefined) throw invalid(m, `memo ${key} is empty`);
  push(m, value);
}

function memoPut(m: PickleMachine, key: number): void {
  const top = pop(m);
  m.stack.push(top);
  m.memo.set(key, top);
}

function setItems(m: PickleMachine, items: readonly PickleValue[]): void {
  if (items.length % 2 === 1) throw invalid(m, 'a dict key without a value');
  const dict = popNode(m, 'dict');
  for (let n = 0; n < items.length; n += 2) dict.entries.push([items[n]!, items[n + 1]!]);
  m.stack.push(dict);
}

function append(m: PickleMachine, items: readonly PickleValue[], kind: 'list' | 'set'): void {
  const target = popNode(m, kind);
  for (const item of items) target.items.push(item);
  m.stack.push(target);
}

const refuse =
  (name: string): Opcode =>
  (m) => {
    throw refused(m, `the opcode ${name}`);
  };

/** Every opcode that Python 3 writes in protocols 2 to 5, by its byte; STOP and PROTO belong to the loop. */
export const OPCODES: ReadonlyMap<number, Opcode> = new Map<number, Opcode>(
  Object.entries({
    '\x95': (m) => void m.cursor.count64(),
    '(': (m) => void m.marks.push(m.stack.length),
    '0': (m) => void pop(m),
    '1': (m) => void popToMark(m),
    N: (m) => push(m, null),
    '\x88': (m) => push(m, true),
    '\x89': (m) => push(m, false),
    J: (m) => push(m, m.cursor.i32()),
    K: (m) => push(m, m.cursor.u8()),
    M: (m) => push(m, m.cursor.u16()),
    '\x8a': (m) => long(m, m.cursor.u8()),
    '\x8b': (m) => long(m, m.cursor.u32()),
    G: (m) => push(m, m.cursor.float()),
    X: (m) => text(m, m.cursor.u32()),
    '\x8c': (m) => text(m, m.cursor.u8()),
    '\x8d': (m) => text(m, m.cursor.count64()),
    B: (m) => bytes(m, m.cursor.u32()),
    C: (m) => bytes(m, m.cursor.u8()),
    '\x8e': (m) => bytes(m, m.cursor.count64()),
    '\x96': (m) => bytes(m, m.cursor.count64()),
    ')': (m) => tuple(m, 0),
    '\x85': (m) => tuple(m, 1),
    '\x86': (m) => tuple(m, 2),
    '\x87': (m) => tuple(m, 3),
    t: (m) => push(m, { kind: 'tuple', items: popToMark(m) }),
    ']': (m) => push(m, { kind: 'list', items: [] }),
    a: (m) => append(m, [pop(m)], 'list'),
    e: (m) => append(m, popToMark(m), 'list'),
    '\x8f': (m) => push(m, { kind: 'set', items: [] }),
    '\x90': (m) => append(m, popToMark(m), 'set'),
    '\x91': (m) => push(m, { kind: 'set', items: popToMark(m) }),
    '}': (m) => push(m, { kind: 'dict', entries: [] }),
    s: (m) => {
      const value = pop(m);
      setItems(m, [pop(m), value]);
    },
    u: (m) => setItems(m, popToMark(m)),
    h: (m) => memoGet(m, m.cursor.u8()),
    j: (m) => memoGet(m, m.cursor.u32()),
    q: (m) => memoPut(m, m.cursor.u8()),
    r: (m) => memoPut(m, m.cursor.u32()),
    '\x94': (m) => memoPut(m, m.memo.size),
    c: (m) => pushGlobal(m, m.cursor.line(), m.cursor.line()),
    '\x93': (m) => {
      const name = pop(m);
      pushGlobal(m, pop(m), name);
    },
    R: (m) => callGlobal(m),
    '\x81': (m) => makeInstance(m),
    b: (m) => buildState(m),
    P: refuse('PERSID'),
    Q: refuse('BINPERSID'),
    i: refuse('INST'),
    o: refuse('OBJ'),
    '\x82': refuse('EXT1'),
    '\x83': refuse('EXT2'),
    '\x84': refuse('EXT4'),
    '\x92': refuse('NEWOBJ_EX'),
    '\x97': refuse('NEXT_BUFFER'),
    '\x98': refuse('READONLY_BUFFER'),
  } satisfies Record<string, Opcode>).map(([letter, run]) => [letter.charCodeAt(0), run]),
);
