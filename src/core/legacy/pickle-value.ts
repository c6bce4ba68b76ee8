import type { DType } from '../tensor/dtype.js';
import type { NdArray } from '../tensor/ndarray.js';

/**
 * What a pickle stream describes, as inert data: no member can be called. Containers are mutable because a stream
 * builds them after it has put them into its memo.
 */
export type PickleValue = null | boolean | number | bigint | string | PickleNode;

interface PickleSequence<K> {
  readonly kind: K;
  readonly items: PickleValue[];
}

export type PickleNode =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | PickleSequence<'list'>
  | PickleSequence<'tuple'>
  | PickleSequence<'set'>
  | { readonly kind: 'dict'; readonly entries: [PickleValue, PickleValue][] }
  | { readonly kind: 'global'; readonly name: string }
  | { readonly kind: 'dtype'; readonly dtype: DType; bigEndian: boolean }
  /** `array` is null between `_reconstruct` and the state that fills it. */
  | { readonly kind: 'array'; array: NdArray | null }
  | { readonly kind: 'instance'; readonly className: string; state: PickleValue };

export type PickleKind = PickleNode['kind'];

export function isNode<K extends PickleKind>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleNode, { kind: K }> {
  return typeof value === 'object' && value?.kind === kind;
}

/** A short name of a value for error messages. */
export function nameKind(value: PickleValue): string {
  if (value === null) return 'None';
  if (typeof value !== 'object') return typeof value;
  return value.kind === 'global' ? value.name : value.kind === 'instance' ? value.className : value.kind;
}
