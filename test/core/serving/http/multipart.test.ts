import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseHeaderParameters, splitMultipart } from '../../../../src/core/serving/http/multipart.js';

const BOUNDARY = 'B-1';

function render(parts: readonly { name: string; value: Uint8Array }[]): Buffer {
  const pieces = parts.flatMap(({ name, value }) => [
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`),
    Buffer.from(value),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

/** The same bytes in pieces that end at the given places. */
function cut(body: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (body.length + 1)))].sort((a, b) => a - b);
  return [...ends, body.length].map((end, at) => body.subarray(at === 0 ? 0 : ends[at - 1], end));
}

describe('a multipart body', () => {
  it('splits the same wherever its pieces end', () => {
    // Values made of the signs of a boundary come as near to one as they can.
    const value = fc
      .array(fc.constantFrom(13, 10, 45, 66, 49, 0), { maxLength: 30 })
      .map((bytes) => Uint8Array.from(bytes));
    const part = fc.record({ name: fc.constantFrom('a', 'b', 'c'), value });
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(400), { maxLength: 12 }),
        (parts, places) => {
          const body = render(parts);
          fc.pre(parts.every((one) => !Buffer.from(one.value).includes(`--${BOUNDARY}`)));
          const found = splitMultipart(cut(body, places), BOUNDARY);
          expect(found.map((one) => [one.name, Buffer.concat(one.value)])).toEqual(
            parts.map((one) => [one.name, Buffer.from(one.value)]),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is not copied: values lie in the pieces that came', () => {
    const body = render([{ name: 'a', value: new Uint8Array(1000).fill(7) }]);
    const [part] = splitMultipart([body], BOUNDARY);
    expect(part?.value[0]?.buffer).toBe(body.buffer);
  });

  it('may begin with a preamble', () => {
    const body = Buffer.concat([Buffer.from('ignored\r\n'), render([{ name: 'a', value: Buffer.from('x') }])]);
    expect(splitMultipart([body], BOUNDARY)).toHaveLength(1);
  });
});

it.each([
  ['form-data; name="a b"; filename="C:\\dir\\x.nii"', 'a b', 'C:\\dir\\x.nii'],
  ['form-data; NAME=plain', 'plain', undefined],
  ['form-data; name="q\\"q"', 'q"q', undefined],
])('the parameters of %s', (header, name, fileName) => {
  const found = parseHeaderParameters(header);
  expect([found.get('name'), found.get('filename')]).toEqual([name, fileName]);
});
