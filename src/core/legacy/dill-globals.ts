import { fillArray } from './numpy-globals.js';
import { type GlobalRule, refused } from './pickle-machine.js';
import { isNode, type PickleNode } from './pickle-value.js';

const RECONSTRUCTS = new Set(['numpy.core.multiarray._reconstruct', 'numpy._core.multiarray._reconstruct']);

/** dill wraps an array's two steps into one call: (_reconstruct, its arguments, state, attributes). */
const createArray: GlobalRule['call'] = (args, machine) => {
  const [reconstruct, parts, state, attributes = null] = args;
  const listed = isNode(reconstruct, 'global') && RECONSTRUCTS.has(reconstruct.name);
  const [type] = isNode(parts, 'tuple') ? parts.items : [];
  const ofArray = isNode(type, 'global') && type.name === 'numpy.ndarray';
  if (!listed || !ofArray || !isNode(state, 'tuple') || attributes !== null)
    throw refused(machine, 'dill._dill._create_array of something else than an array');
  const node: Extract<PickleNode, { kind: 'array' }> = { kind: 'array', array: null };
  fillArray(machine, node, state.items);
  return node;
};

/** The one helper of dill that names data; all others name code. */
export const DILL_GLOBALS: readonly (readonly [string, GlobalRule])[] = [
  ['dill._dill._create_array', { call: createArray }],
];
