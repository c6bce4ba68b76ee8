import { fillArray } from './numpy-globals.js';
import { invalid, type PickleMachine, pop, popNode, push, refused } from './pickle-machine.js';
import { isNode, nameKind, type PickleValue } from './pickle-value.js';

/** A name on the closed list becomes an inert marker; any other ends the read. */
export function pushGlobal(machine: PickleMachine, moduleName: PickleValue, name: PickleValue): void {
  if (typeof moduleName !== 'string' || typeof name !== 'string') throw invalid(machine, 'a global without a name');
  const full = `${moduleName}.${name}`;
  if (!machine.globals.has(full)) throw refused(machine, full);
  push(machine, { kind: 'global', name: full });
}

/** REDUCE: only our own functions stand behind the names. */
export function callGlobal(machine: PickleMachine): void {
  const args = popNode(machine, 'tuple');
  const target = pop(machine);
  const call = isNode(target, 'global') ? machine.globals.get(target.name)?.call : undefined;
  if (call === undefined) throw refused(machine, `a call of ${nameKind(target)}`);
  push(machine, call(args.items, machine));
}

/** NEWOBJ: an object of a listed class, without constructor arguments, as default pickling writes it. */
export function makeInstance(machine: PickleMachine): void {
  const args = popNode(machine, 'tuple');
  const target = pop(machine);
  const known = isNode(target, 'global') && machine.globals.get(target.name)?.instance === true;
  if (!known || args.items.length > 0) throw refused(machine, `an object of ${nameKind(target)}`);
  push(machine, { kind: 'instance', className: target.name, state: null });
}

/** BUILD: the state of a dtype, an array or a listed object. */
export function buildState(machine: PickleMachine): void {
  const state = pop(machine);
  const target = pop(machine);
  if (isNode(target, 'dtype')) {
    const items = isNode(state, 'tuple') ? state.items : [];
    const plain = items[2] === null && items[3] === null && items[4] === null;
    if (!plain || typeof items[1] !== 'string' || !'<>|='.includes(items[1]))
      throw refused(machine, 'a structured dtype');
    target.bigEndian = items[1] === '>';
  } else if (isNode(target, 'array') && isNode(state, 'tuple')) {
    fillArray(machine, target, state.items);
  } else if (isNode(target, 'instance') && isNode(state, 'dict')) {
    target.state = state;
  } else {
    throw refused(machine, `a state for ${nameKind(target)}`);
  }
  machine.stack.push(target);
}
