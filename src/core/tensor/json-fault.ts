/** The first place where a text stops being JSON, and what stands there. */
export interface JsonFault {
  /** UTF-16 units from the start. */
  readonly offset: number;
  /** `found '}'; expected a value`, without a full stop. */
  readonly message: string;
  readonly hint?: string;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const WORD = /[^\s,:[\]{}"]+/y;
const STRING_END = /["\\\u0000-\u001f]/g;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;
const LITERALS = ['true', 'false', 'null'];
/** What writers of other languages mean. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['True', 'true'],
  ['False', 'false'],
  ['None', 'null'],
  ['undefined', 'null'],
]);

class Fault extends Error {
  constructor(readonly fault: JsonFault) {
    super(fault.message);
  }
}

/**
 * Where `text` breaks the grammar of RFC 8259, or null when it does not. The depth must have been bounded before: objects
 * and lists are followed by recursion.
 */
export function findJsonFault(text: string): JsonFault | null {
  let at = 0;

  const stop = (offset: number, message: string, hint?: string): never => {
    throw new Fault({ offset, message, ...(hint === undefined ? {} : { hint }) });
  };
  const skipBlank = (): void => {
    while (at < text.length && ' \t\n\r'.includes(text[at]!)) at += 1;
  };
  const expected = (what: string, inside?: number): never => {
    if (at >= text.length) {
      const open =
        inside === undefined ? '' : `; the '${text[inside]}' of ${lineAndColumn(text, inside)} is not closed`;
      return stop(at, `the text ends${open === '' ? `; expected ${what}` : open}`);
    }
    WORD.lastIndex = at;
    const word = WORD.exec(text)?.[0] ?? text[at]!;
    return stop(at, `found '${word.slice(0, 20)}'; expected ${what}`, hintFor(word));
  };

  const readString = (): void => {
    const start = at;
    for (at += 1; ; ) {
      STRING_END.lastIndex = at;
      const end = STRING_END.exec(text);
      if (end === null) stop(start, 'the text that opens here has no closing quote');
      at = end!.index;
      if (text[at] === '"') break;
      if (text[at] !== '\\')
        stop(at, 'a line break or control character stands inside of a text', 'Write it as \\n, \\t or \\u….');
      ESCAPE.lastIndex = at;
      if (!ESCAPE.test(text)) stop(at, `'${text.slice(at, at + 2)}' is no escape`, 'A backslash is written as \\\\.');
      at = ESCAPE.lastIndex;
    }
    at += 1;
  };

  const readMembers = (close: string, readOne: () => void): void => {
    const open = at;
    at += 1;
    skipBlank();
    if (text[at] === close) {
      at += 1;
      return;
    }
    for (;;) {
      if (at >= text.length) expected('', open);
      readOne();
      skipBlank();
      if (text[at] === close) break;
      if (text[at] !== ',') expected(`',' or '${close}'`, open);
      const comma = at;
      at += 1;
      skipBlank();
      if (text[at] === close) stop(comma, `a comma stands before the closing '${close}'`, 'Take the comma away.');
    }
    at += 1;
  };

  const readValue = (): void => {
    skipBlank();
    const first = text[at];
    if (first === '{') {
      readMembers('}', () => {
        if (text[at] !== '"') expected('a name in double quotes');
        readString();
        skipBlank();
        if (text[at] !== ':') expected("':' after the name");
        at += 1;
        readValue();
      });
    } else if (first === '[') readMembers(']', readValue);
    else if (first === '"') readString();
    else {
      const literal = LITERALS.find((word) => text.startsWith(word, at));
      NUMBER.lastIndex = at;
      if (literal === undefined && !NUMBER.test(text)) expected('a value');
      at = literal === undefined ? NUMBER.lastIndex : at + literal.length;
    }
  };

  try {
    readValue();
    skipBlank();
    if (at < text.length) expected('the end of the text');
    return null;
  } catch (error) {
    if (error instanceof Fault) return error.fault;
    throw error;
  }
}

function hintFor(word: string): string | undefined {
  const meant = MEANT.get(word);
  if (meant !== undefined) return `JSON writes ${meant}.`;
  if (/^[-+]?(nan|inf(inity)?)$/i.test(word)) {
    return 'JSON has no such number; arrays with missing values travel as .npy or msgpack.';
  }
  if (word.startsWith("'")) return 'JSON takes double quotes.';
  if (word.startsWith('//') || word.startsWith('#') || word.startsWith('/*')) return 'JSON has no comments.';
  return undefined;
}

/** `12:5`: line and column of an offset, both from 1. */
export function lineAndColumn(text: string, offset: number): string {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < offset; end = text.indexOf('\n', start)) {
    line += 1;
    start = end + 1;
  }
  return `${line}:${offset - start + 1}`;
}
