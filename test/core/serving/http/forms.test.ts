import { describe, expect, it } from '@jest/globals';
import { splitBody } from '../../../../src/core/serving/http/job-parameters.js';

const URLENCODED = 'application/x-www-form-urlencoded';

function fieldsOf(type: string, body: string | Uint8Array, typedFields = true): [string, string, string][] {
  return splitBody(type, [Buffer.from(body)], { typedFields }).map(({ name, contentType, value }) => [
    name,
    contentType,
    Buffer.concat(value).toString('latin1'),
  ]);
}

describe('an urlencoded form', () => {
  it.each<[string, string, Record<string, string>]>([
    ['blanks and escapes', 'a=1%2B1&b=two+words&%63=x', { a: '1+1', b: 'two words', c: 'x' }],
    ['the last of a name', 'a=1&a=2', { a: '2' }],
    ['a second equals sign', 'a=b=c', { a: 'b=c' }],
    ['an empty value', 'a=', { a: '' }],
    ['a name without a value before others', 'a&b=1', { a: '', b: '1' }],
    ['a last name without a value, which counts for nothing', 'b=1&a', { b: '1' }],
    ['an ampersand at the end', 'b=1&', { b: '1' }],
    ['the line end of a file', 'a=1\r\n', { a: '1' }],
    ['nothing', '', {}],
  ])('with %s is read as the peer reads it', (_, body, fields) => {
    const found = fieldsOf(URLENCODED, body).map(([name, , value]) => [name, value]);
    expect(Object.fromEntries(found)).toEqual(fields);
  });

  it('keeps escaped bytes that are no text', () => {
    expect(fieldsOf(URLENCODED, 'a=%FF%00')).toEqual([['a', '', '\u00ff\u0000']]);
  });

  it('lies in pieces that cut through an escape', () => {
    const pieces = ['a=%', '4', '1&b=2'].map((piece) => Buffer.from(piece));
    const fields = splitBody(URLENCODED, pieces);
    expect(fields.map(({ name, value }) => [name, Buffer.concat(value).toString()])).toEqual([
      ['a', 'A'],
      ['b', '2'],
    ]);
  });

  it('that is a gzip file after all is refused with the way to send one', () => {
    const file = Uint8Array.of(0x1f, 0x8b, 8, 0, 0x3d, 0x26);
    const details = expect.objectContaining({ hint: expect.stringMatching(/-T FILE.*octet-stream/) });
    const refused = { code: 'BODY_UNDECODABLE', details };
    expect(() => fieldsOf(URLENCODED, file)).toThrow(expect.objectContaining(refused));
    expect(() => fieldsOf(URLENCODED, 'volume=%!')).toThrow(expect.objectContaining(refused));
  });

  it.each(['=1', '&b=1', 'a=%', 'a=%zz', 'a=%4', 'a=1&b=%'])('%j is refused with a reason', (body) => {
    expect(() => fieldsOf(URLENCODED, body)).toThrow(expect.objectContaining({ code: 'BODY_UNDECODABLE' }));
  });
});

describe('a multipart form', () => {
  const body = [
    '--B',
    'Content-Disposition: form-data; name="field"',
    'Content-Type: application/json',
    '',
    '{}',
    '--B',
    'Content-Disposition: form-data; name="file"; filename="f.json"',
    'Content-Type: application/json',
    '',
    '[]',
    '--B--',
    '',
  ].join('\r\n');

  it('tells our handler the type of every part', () => {
    expect(fieldsOf('multipart/form-data; boundary=B', body)).toEqual([
      ['field', 'application/json', '{}'],
      ['file', 'application/json', '[]'],
    ]);
  });

  it('tells a handler of an archive the types of files only, as the peer does', () => {
    expect(fieldsOf('multipart/form-data; boundary=B', body, false)).toEqual([
      ['field', '', '{}'],
      ['file', 'application/json', '[]'],
    ]);
  });

  it('without a boundary is the bare body that the client meant', () => {
    expect(fieldsOf('multipart/form-data', 'x')).toEqual([['body', '', 'x']]);
  });
});
