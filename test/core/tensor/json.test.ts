import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from '../../../src/core/tensor/json.js';
import { codeOf } from '../../support/codes.js';

describe('bounded JSON', () => {
  it.each([
    ['text', '{"a":[1,2.5,null,true,"x"]}', { a: [1, 2.5, null, true, 'x'] }],
    ['a key with an escape', '{"a\\u0062":1}', { ab: 1 }],
    ['quotes and slashes inside of strings', '{"a":"\\"{\\\\","b":"\\\\"}', { a: '"{\\', b: '\\' }],
    ['a duplicate key, where the last one wins', '{"a":1,"a":2}', { a: 2 }],
    ['a forbidden word as a value', '["__proto__"]', ['__proto__']],
    ['a bare number', '3', 3],
  ])('reads %s', (_name, text, value) => {
    expect(parseJson(text, 'body')).toEqual(value);
  });

  it('reads UTF-8 bytes and drops a byte order mark', () => {
    expect(parseJson(Buffer.from('\uFEFF{"ä":1}'), 'body')).toEqual({ ä: 1 });
  });

  it.each([
    ['nothing', '', 'JSON_INVALID'],
    ['half an object', '{"a":', 'JSON_INVALID'],
    ['an open string', '{"a', 'JSON_INVALID'],
    ['NaN', '[NaN]', 'JSON_INVALID'],
    ['a comma at the end', '[1,]', 'JSON_INVALID'],
    ['invalid UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'JSON_INVALID'],
    ['a hundred and one levels', '['.repeat(101) + ']'.repeat(101), 'JSON_INVALID'],
    ['a million open brackets', '['.repeat(1_000_000), 'JSON_INVALID'],
    ['the key __proto__', '{"a":{"__proto__":1}}', 'JSON_INVALID'],
    ['the key __proto__ in escapes', '{"__pro\\u0074o__" : 1}', 'JSON_INVALID'],
    ['the key constructor', '[{"constructor":1}]', 'JSON_INVALID'],
    ['a damaged escape in a key', '{"a\\x":1}', 'JSON_INVALID'],
  ])('refuses %s', (_name, text, code) => {
    expect(codeOf(() => parseJson(text, 'body'))).toBe(code);
  });

  it('refuses a key that stands twice where it is told to, nested and in escapes too', () => {
    for (const text of ['{"a":1,"a":2}', '[{"b":{"a":1,"\\u0061":2}}]']) {
      expect(codeOf(() => parseJson(text, 'manifest', { duplicateKeys: 'refuse' }))).toBe('JSON_INVALID');
    }
    expect(parseJson('{"a":{"a":1},"b":[{"a":1},{"a":2}]}', 'manifest', { duplicateKeys: 'refuse' })).toBeDefined();
  });

  it('refuses more bytes than the caller allows', () => {
    expect(codeOf(() => parseJson('"1234567890"', 'manifest', { limitBytes: 8 }))).toBe('LIMIT_EXCEEDED');
  });

  it('agrees with JSON.parse on everything it accepts', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        let mine: unknown;
        try {
          mine = parseJson(text, 'body');
        } catch {
          expect(text).toMatch(/__proto__|constructor|prototype/);
          return;
        }
        expect(mine).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });
});
