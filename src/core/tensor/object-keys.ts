import { EisenError } from '../errors/error.js';
import type { ErrorCode } from '../errors/table.js';

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** True for a key that would reach into JavaScript's own objects. */
export function isForbiddenKey(key: string): boolean {
  return FORBIDDEN.has(key);
}

/** Keys of untrusted dictionaries that would reach into JavaScript's own objects are refused by name. */
export function checkKey(key: string, { code, where }: { readonly code: ErrorCode; readonly where: string }): void {
  if (FORBIDDEN.has(key))
    throw new EisenError(code, `${where}: the key '${key}' is not allowed.`, { where, found: key });
}
