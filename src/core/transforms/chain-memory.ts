import { DTYPES, type DType, type TypedArray } from '../tensor/dtype.js';
import { type ElementsOf, freshElements } from '../tensor/fresh-elements.js';
import type { Fields, Value } from '../tensor/value.js';
import { isLazy } from './prediction/lazy-channels.js';

/**
 * What a step may do with memory. The rule: an array that came with the caller's fields is never written; neither is one
 * that two fields can see. What the chain itself made and one field alone holds may be written by the step that replaces
 * that field, and what no field holds any longer becomes the memory of the next result.
 */
export interface StepMemory {
  /** Elements with any content, for a result that writes each of them. */
  take<D extends DType>(dtype: D, count: number): ElementsOf[D];
  /** True when the chain made this memory and at most one field holds it: the one that the step works on. */
  mayOverwrite(data: TypedArray): boolean;
  /** Notes that the step made this memory; the step gives it to one field at most. */
  adopt(data: TypedArray): void;
}

interface ChainMemory extends StepMemory {
  /** To be called after every step, with the fields as the step left them. */
  settle(fields: Fields): void;
}

/** Below this a new array costs nothing worth saving. */
const LEAST_BYTES = 64 * 1024;

/** Every memory that a value keeps alive; null when that cannot be known. */
function buffersOf(value: Value): readonly ArrayBufferLike[] | null {
  if (value.kind === 'plain') return [];
  if (value.kind === 'file') return [value.bytes.buffer];
  if (value.kind === 'array') return isLazy(value) ? null : [value.array.data.buffer];
  const beside = Object.values(value.extra ?? {}).filter((entry) => ArrayBuffer.isView(entry));
  return [value.array.data.buffer, ...beside.map(({ buffer }) => buffer)];
}

/** The memory of one run of a chain. It starts without any, so that nothing the caller brought is ever in it. */
export function createChainMemory(): ChainMemory {
  const made = new Set<ArrayBufferLike>();
  let spare: ArrayBufferLike[] = [];
  let holders = new Map<ArrayBufferLike, number>();
  let hidden = false;
  const adopt = (data: TypedArray): void => {
    if (data.buffer.byteLength === data.byteLength && data.byteLength >= LEAST_BYTES) made.add(data.buffer);
  };
  return {
    adopt,
    take: ((dtype: DType, count: number): TypedArray => {
      const { array, bytes } = DTYPES[dtype];
      const at = spare.findIndex((buffer) => buffer.byteLength === count * bytes);
      const data = at < 0 ? freshElements(dtype, count) : new array(spare.splice(at, 1)[0]!, 0, count);
      adopt(data);
      return data;
    }) as StepMemory['take'],
    mayOverwrite: ({ buffer }) => !hidden && made.has(buffer) && (holders.get(buffer) ?? 0) <= 1,
    settle(fields) {
      spare = [];
      holders = new Map();
      const held = [...fields.values()].map(buffersOf);
      // A lazy value reads what it was made from later on.
      hidden = held.includes(null);
      if (hidden) return;
      for (const buffers of held)
        for (const buffer of new Set(buffers)) holders.set(buffer, (holders.get(buffer) ?? 0) + 1);
      for (const buffer of made) {
        if (holders.has(buffer)) continue;
        made.delete(buffer);
        spare.push(buffer);
      }
    },
  };
}

/** Where the result of element-wise work on `data`, the dense run of `array`, goes: into the run itself when it may. */
export function resultFor<T extends TypedArray>(
  memory: StepMemory,
  { array, data }: { readonly array: { readonly dtype: DType; readonly data: TypedArray }; readonly data: T },
): T {
  // A run with memory of its own is a copy that was made just now.
  if (data.buffer !== array.data.buffer || memory.mayOverwrite(array.data)) return data;
  return memory.take(array.dtype, data.length) as TypedArray as T;
}
