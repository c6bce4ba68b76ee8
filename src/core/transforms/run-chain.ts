import { EisenError, isEisenError } from '../errors/error.js';
import { renderPlace } from '../errors/problem.js';
import type { Fields } from '../tensor/value.js';
import type { Chain, ChainStep } from './chain.js';
import { createChainMemory } from './chain-memory.js';
import type { ChainContext } from './definition.js';

function withPlace(error: unknown, step: ChainStep, where: string): unknown {
  if (!isEisenError(error)) return error;
  const place = renderPlace(where, step.pointer);
  const { where: inner, ...details } = error.details;
  return new EisenError(error.code, `${place} ${step.definition.name}: ${error.message}`, {
    ...details,
    where: inner === undefined ? place : `${place}: ${inner}`,
    cause: error,
  });
}

/**
 * Runs a chain over a copy of the dictionary. The caller's map and arrays are never changed: a transform that alters
 * values makes a new array or writes into one that an earlier step of this run made and no other field holds; one that
 * only looks at values differently makes a view.
 *
 * Throws FIELD_MISSING, TRANSFORM_FAILED, GEOMETRY or what a decoder throws, with the step in the message; CANCELLED
 * when the context's signal aborts between two steps.
 */
export async function runChain(chain: Chain, fields: Fields, context: ChainContext = {}): Promise<Fields> {
  const running: Fields = new Map(fields);
  const memory = createChainMemory();
  for (const step of chain.steps) {
    if (context.signal?.aborted) {
      throw new EisenError('CANCELLED', `${renderPlace(chain.where, step.pointer)}: the chain was cancelled.`);
    }
    try {
      await step.definition.apply(running, step.params, { ...context, memory });
      memory.settle(running);
    } catch (error) {
      throw withPlace(error, step, chain.where);
    }
  }
  return running;
}
