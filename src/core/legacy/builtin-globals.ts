import { type GlobalRule, invalid, type PickleMachine, refused, spendBytes } from './pickle-machine.js';
import { isNode, type PickleValue } from './pickle-value.js';

/** Protocol 2 has no bytes: they travel as text in latin-1. */
function encodeLatin1(machine: PickleMachine, text: PickleValue | undefined, codec: PickleValue | undefined) {
  if (typeof text !== 'string' || (codec !== 'latin1' && codec !== 'latin-1'))
    throw refused(machine, `an encoding to ${String(codec)}`);
  spendBytes(machine, text.length);
  for (let n = 0; n < text.length; n += 1) {
    if (text.charCodeAt(n) > 0xff) throw invalid(machine, 'a character past latin-1 in bytes');
  }
  return { kind: 'bytes', bytes: new Uint8Array(Buffer.from(text, 'latin1')) } as const;
}

const makeBytes: GlobalRule['call'] = (args, machine) => {
  const [source, codec] = args;
  if (source === undefined) return { kind: 'bytes', bytes: new Uint8Array(0) };
  if (typeof source !== 'string' && isNode(source, 'bytes')) return source;
  return encodeLatin1(machine, source, codec);
};

const makeSet: GlobalRule['call'] = (args, machine) => {
  const [source] = args;
  if (source === undefined) return { kind: 'set', items: [] };
  if (!isNode(source, 'list') && !isNode(source, 'tuple')) throw invalid(machine, 'a set of no list');
  spendBytes(machine, source.items.length);
  return { kind: 'set', items: [...source.items] };
};

/** Python 3 writes `builtins`, and `__builtin__` in protocol 2. */
export const BUILTIN_GLOBALS: readonly (readonly [string, GlobalRule])[] = [
  ['_codecs.encode', { call: (args, machine) => encodeLatin1(machine, args[0], args[1]) }],
  ...['builtins', '__builtin__'].flatMap((name): [string, GlobalRule][] => [
    [`${name}.bytes`, { call: makeBytes }],
    [`${name}.bytearray`, { call: makeBytes }],
    [`${name}.set`, { call: makeSet }],
    [`${name}.frozenset`, { call: makeSet }],
  ]),
];
