import { EisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import { findJsonFault, lineAndColumn } from './json-fault.js';
import { checkKey, isForbiddenKey } from './object-keys.js';
import type { Plain } from './value.js';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** A text, what people call it, and how to say that something is wrong at an offset of it. */
interface Document {
  readonly text: string;
  readonly where: string;
}

/** `metadata.json:12:5`, so that an editor can jump there. */
function placeOf({ text, where }: Document, offset: number): string {
  return `${where}:${lineAndColumn(text, offset)}`;
}

function fail(place: string, what: string, hint?: string, cause?: unknown): never {
  throw new EisenError('JSON_INVALID', `${place}: ${what}.`, {
    where: place,
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}

/** Position after the closing quote of the string that opens at `start`. */
function skipString(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === 92) slashes += 1;
    at = quote + 1;
    if (slashes % 2 === 0) return at;
  }
}

const QUOTE = 34;
const COLON = 58;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_MAP = 123;
const CLOSE_MAP = 125;

function readKey(document: Document, start: number, end: number): string {
  const literal = document.text.slice(start, end);
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch {
    return fail(placeOf(document, start), `the key ${literal.slice(0, 40)} is damaged`);
  }
}

/** Looks at depth and keys before JSON.parse builds anything; the grammar itself is left to JSON.parse. */
function scan(document: Document, refuseDuplicates: boolean): void {
  const { text } = document;
  const keys: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = skipString(text, at);
      let next = end;
      while (next < text.length && text.charCodeAt(next) <= 32) next += 1;
      const open = keys.at(-1);
      if (text.charCodeAt(next) === COLON && open) {
        const key = readKey(document, at, end);
        if (isForbiddenKey(key)) checkKey(key, { code: 'JSON_INVALID', where: placeOf(document, at) });
        if (refuseDuplicates && open.has(key)) {
          fail(placeOf(document, at), `the key '${key.slice(0, 40)}' stands twice in one object`);
        }
        if (refuseDuplicates) open.add(key);
      }
      at = end;
      continue;
    }
    if (code === OPEN_MAP || code === OPEN_LIST) {
      keys.push(code === OPEN_MAP ? new Set() : null);
      if (keys.length > LIMITS.jsonDepth) fail(placeOf(document, at), `more than ${LIMITS.jsonDepth} levels deep`);
    } else if (code === CLOSE_MAP || code === CLOSE_LIST) keys.pop();
    at += 1;
  }
}

export interface JsonOptions {
  /** `refuse` for manifests, metadata and chains; `last` (the default) for request bodies, as JSON.parse does. */
  readonly duplicateKeys?: 'refuse' | 'last';
  /** Bytes or characters; LIMITS.jsonBodyBytes when left out. */
  readonly limitBytes?: number;
}

/**
 * Reads JSON from text or from UTF-8 bytes (a leading byte order mark is dropped). `where` names the source in errors, line
 * and column behind it: `metadata.json:12:5`.
 * Throws JSON_INVALID for what is no JSON, is deeper than LIMITS.jsonDepth, has a key like `__proto__`, or a key twice
 * where that is refused; LIMIT_EXCEEDED when it is too long.
 */
export function parseJson(source: string | Uint8Array, where: string, options: JsonOptions = {}): Plain {
  const { duplicateKeys = 'last', limitBytes = LIMITS.jsonBodyBytes } = options;
  if (source.length > limitBytes) {
    throw new EisenError(
      'LIMIT_EXCEEDED',
      `${where}: ${source.length} bytes of JSON; expected at most ${limitBytes}.`,
      {
        where,
      },
    );
  }
  const text = typeof source === 'string' ? source : decodeText(source, where);
  const document = { text, where };
  scan(document, duplicateKeys === 'refuse');
  try {
    return JSON.parse(text) as Plain;
  } catch (cause) {
    return explainFault(document, cause);
  }
}

/** The engine's own messages name a place only now and then: the text is read once more to find it. */
function explainFault(document: Document, cause: unknown): never {
  const { text, where } = document;
  if (text.trim() === '') fail(where, 'it is empty; expected JSON', undefined, cause);
  const fault = findJsonFault(text);
  if (fault === null) return fail(where, (cause as Error).message, undefined, cause);
  return fail(placeOf(document, fault.offset), fault.message, fault.hint, cause);
}

function decodeText(bytes: Uint8Array, where: string): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new EisenError('JSON_INVALID', `${where}: the text is not valid UTF-8.`, { where, cause });
  }
}
