import { describe, expect, it } from '@jest/globals';
import { parseProperties, renderProperties } from '../../../../src/core/serving/config/properties.js';

describe('properties as Java reads them', () => {
  const cases: [title: string, text: string, expected: Record<string, string>][] = [
    ['splits at the first = or :', 'a=b=c\nd:e:f\ng=h:i', { a: 'b=c', d: 'e:f', g: 'h:i' }],
    ['takes a blank as the separator', 'key value with blanks', { key: 'value with blanks' }],
    ['drops blanks round the separator and keeps those at the end', '  a  =  b  ', { a: 'b  ' }],
    ['skips comments and blank lines', '# no\n! no\n\n \t\na=1', { a: '1' }],
    ['joins continued lines and drops their indent', 'a=one,\\\n   two,\\\r\n\tthree', { a: 'one,two,three' }],
    ['does not continue after an even number of backslashes', 'a=x\\\\\nb=2', { a: 'x\\', b: '2' }],
    ['does not take a comment inside a continued value', 'a=1\\\n#2', { a: '1#2' }],
    ['decodes escapes in keys and values', 'a\\ b\\=c=d\\te\\u00e9\\:\\q', { 'a b=c': 'd\te\u00e9:q' }],
    ['reads a key without a value as empty', 'alone\nother=', { alone: '', other: '' }],
    ['lets the last of two equal keys win', 'a=1\na=2', { a: '2' }],
    ['reads old Mac line ends', 'a=1\rb=2', { a: '1', b: '2' }],
    ['drops a backslash at the end of the file', 'a=1\\', { a: '1' }],
    ['reads URLs', 'inference_address=http\\://0.0.0.0\\:8080', { inference_address: 'http://0.0.0.0:8080' }],
  ];
  it.each(cases)('%s', (_, text, expected) => {
    expect(Object.fromEntries(parseProperties(text, 'x'))).toEqual(expected);
  });

  it('names the line of a damaged escape', () => {
    expect(() => parseProperties('a=1\nb=\\u12x', 'c.properties')).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('c.properties, line 2') }),
    );
  });

  it('refuses a text that is far too long', () => {
    expect(() => parseProperties(`a=${'x'.repeat(70_000)}`, 'big')).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED' }),
    );
  });

  it('reads back what it renders', () => {
    const properties = new Map([
      ['a b', ' x=y:z#!'],
      ['model_snapshot', '{\n  "name": "é"\n}'],
      ['tab', '\t\r\f\\'],
    ]);
    expect(parseProperties(renderProperties(properties, 'Saving snapshot'), 'x')).toEqual(properties);
  });
});
