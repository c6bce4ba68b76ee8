import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from '../../../src/core/tensor/json.js';
import { findJsonFault, lineAndColumn } from '../../../src/core/tensor/json-fault.js';

const messageOf = (text: string): string => {
  try {
    parseJson(text, 'metadata.json', { duplicateKeys: 'refuse' });
  } catch (error) {
    const { message, details } = error as { message: string; details: { hint?: string } };
    return details.hint === undefined ? message : `${message} ${details.hint}`;
  }
  throw new Error(`expected an error for ${text}`);
};

describe('broken JSON is told with line and column, what stands there and what belongs there', () => {
  it.each([
    [
      'a comma before a closing brace',
      '{\n  "a": 1,\n}',
      "2:9: a comma stands before the closing '}'. Take the comma away.",
    ],
    [
      'a comma before a closing bracket',
      '[1,\n 2,]',
      "2:3: a comma stands before the closing ']'. Take the comma away.",
    ],
    ['a missing comma', '{"a": 1\n "b": 2}', "2:2: found '\"'; expected ',' or '}'."],
    ['a missing colon', '{"a" 1}', "1:6: found '1'; expected ':' after the name."],
    ['a missing value', '{"a": }', "1:7: found '}'; expected a value."],
    ['a name without quotes', '{a: 1}', "1:2: found 'a'; expected a name in double quotes."],
    ['single quotes', "{'a': 1}", "1:2: found ''a''; expected a name in double quotes. JSON takes double quotes."],
    ["Python's words", '{"a": None}', "1:7: found 'None'; expected a value. JSON writes null."],
    [
      'a number that is none',
      '[NaN]',
      "1:2: found 'NaN'; expected a value. JSON has no such number; arrays with missing values travel as .npy or msgpack.",
    ],
    ['a number with a leading zero', '[01]', "1:3: found '1'; expected ',' or ']'."],
    ['a comment', '{ // the inputs\n}', "1:3: found '//'; expected a name in double quotes. JSON has no comments."],
    ['an object that is not closed', '{\n  "inputs": [', "2:14: the text ends; the '[' of 2:13 is not closed."],
    ['an object cut behind a comma', '{"a": 1,', "1:9: the text ends; the '{' of 1:1 is not closed."],
    ['an object cut behind a name', '{"a"', "1:5: the text ends; expected ':' after the name."],
    ['a text that is not closed', '["abc]', '1:2: the text that opens here has no closing quote.'],
    [
      'a line break in a text',
      '["a\nb"]',
      '1:4: a line break or control character stands inside of a text. Write it as \\n, \\t or \\u….',
    ],
    ['a path of Windows', '["C:\\data"]', "1:5: '\\d' is no escape. A backslash is written as \\\\."],
    ['text behind the end', '{}\n{}', "2:1: found '{'; expected the end of the text."],
    ['a key twice', '{"a": 1,\n "a": 2}', "2:2: the key 'a' stands twice in one object."],
    ['a key that reaches into objects', '{\n"__proto__": 1}', "2:1: the key '__proto__' is not allowed."],
  ])('%s', (_what, text, expected) => {
    expect(messageOf(text)).toBe(`metadata.json:${expected}`);
  });

  it('an empty text has no place', () => {
    expect(messageOf(' \n')).toBe('metadata.json: it is empty; expected JSON.');
  });
});

describe('findJsonFault', () => {
  it('finds none exactly where JSON.parse finds none', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '1',
      '-',
      '.5',
      'e3',
      'true',
      'null',
      ' ',
      '"',
      '\\',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.array(pieces, { maxLength: 12 }).map((list) => list.join('')),
        ),
        (text) => {
          let parses = true;
          try {
            JSON.parse(text);
          } catch {
            parses = false;
          }
          const fault = findJsonFault(text);
          expect(fault === null).toBe(parses);
          if (fault !== null) expect(fault.offset).toBeLessThanOrEqual(text.length);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

it('lines and columns count from 1, and a line ends behind its line break', () => {
  expect([0, 1, 2, 3, 4].map((offset) => lineAndColumn('a\n\nb', offset))).toEqual(['1:1', '1:2', '2:1', '3:1', '3:2']);
});
