import type { Problem } from '../errors/problem.js';
import type { Chain } from './chain.js';
import { createLedger, type FieldFacts, type LedgerState } from './field-ledger.js';

export interface ChainReport {
  readonly problems: Problem[];
  /** The fields that stand at the end, in order, with what is known of them. */
  readonly fields: ReadonlyMap<string, FieldFacts>;
  /** Fields that the chain takes from outside. */
  readonly reads: ReadonlySet<string>;
  /** Fields that the chain makes or replaces and still has at the end. */
  readonly makes: ReadonlySet<string>;
  readonly drops: ReadonlySet<string>;
}

/**
 * Follows the fields through a chain without any data: a field that no step leaves, a value of the wrong kind, a
 * geometry that is needed after it was lost. `start` are the fields at the beginning; without it every field that is
 * needed counts as given.
 */
export function checkChain(chain: Chain, start?: ReadonlyMap<string, FieldFacts>): ChainReport {
  const state: LedgerState = {
    fields: new Map(start),
    needed: new Set(),
    made: new Set(),
    dropped: new Set(),
    problems: [],
  };
  for (const { definition, params, pointer } of chain.steps) {
    const place = { pointer, step: definition.name, where: chain.where };
    definition.trace(createLedger(state, place, start === undefined), params);
  }
  const { problems, fields, needed, made, dropped } = state;
  return { problems, fields, reads: needed, makes: made, drops: dropped };
}
