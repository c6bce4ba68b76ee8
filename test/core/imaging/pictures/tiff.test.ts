import { describe, expect, it } from '@jest/globals';
import { decodeImage } from '../../../../src/core/imaging/decode-image.js';
import { runSteps } from '../../../support/run-steps.js';

interface TiffPage {
  readonly bits?: number;
  readonly samples?: number;
  /** SampleFormat: 1 unsigned, 2 signed, 3 floating point. */
  readonly format?: number;
  readonly photometric?: number;
  readonly orientation?: number;
  readonly data: Uint8Array;
}

/** An uncompressed little-endian TIFF of pages of 2 × 2 pixels. */
function makeTiff(pages: readonly TiffPage[]): Uint8Array {
  const chunks: Buffer[] = [Buffer.from('49492a0008000000', 'hex')];
  let at = 8;
  pages.forEach(({ bits = 8, samples = 1, format = 1, photometric = 1, orientation = 1, data }, n) => {
    const tags: [number, number, number][] = [
      ...([
        [256, 3, 2],
        [257, 3, 2],
      ] as [number, number, number][]),
      ...([
        [258, 3, bits],
        [259, 3, 1],
        [262, 3, photometric],
      ] as [number, number, number][]),
      [273, 4, 0],
      ...([
        [274, 3, orientation],
        [277, 3, samples],
        [278, 3, 2],
      ] as [number, number, number][]),
      ...([[279, 4, data.length]] as [number, number, number][]),
      ...(samples === 2 ? [[338, 3, 2] as [number, number, number]] : []),
      [339, 3, format],
    ];
    const size = 2 + tags.length * 12 + 4;
    const wide = at + size;
    const extra = samples > 2 ? 2 * 2 * samples : 0;
    const out = Buffer.alloc(size + extra);
    out.writeUInt16LE(tags.length, 0);
    tags.forEach(([tag, type, value], k) => {
      const place = 2 + k * 12;
      const many = samples > 1 && (tag === 258 || tag === 339);
      out.writeUInt16LE(tag, place);
      out.writeUInt16LE(type, place + 2);
      out.writeUInt32LE(many ? samples : 1, place + 4);
      if (many && samples === 2) {
        out.writeUInt16LE(value, place + 8);
        out.writeUInt16LE(value, place + 10);
      } else if (many) {
        const from = size + (tag === 339 ? 2 * samples : 0);
        for (let s = 0; s < samples; s += 1) out.writeUInt16LE(value, from + 2 * s);
        out.writeUInt32LE(at + from, place + 8);
      } else out.writeUInt32LE(tag === 273 ? wide + extra : value, place + 8);
    });
    const next = wide + extra + data.length;
    out.writeUInt32LE(n + 1 < pages.length ? next + (next % 2) : 0, size - 4);
    chunks.push(out, Buffer.from(data), Buffer.alloc(next % 2));
    at = next + (next % 2);
  });
  return new Uint8Array(Buffer.concat(chunks));
}

const of = (values: Uint8Array | Uint16Array | Int16Array | Float32Array): Uint8Array => new Uint8Array(values.buffer);
const decode = (...pages: TiffPage[]) => decodeImage(makeTiff(pages), { name: 'p.tif' });

describe('a TIFF', () => {
  it.each<[string, TiffPage, string, number[]]>([
    ['of bytes', { data: Uint8Array.of(1, 2, 3, 255) }, 'uint8', [1, 2, 3, 255]],
    ['of 16 bits', { bits: 16, data: of(Uint16Array.of(1, 2, 3, 65535)) }, 'uint16', [1, 2, 3, 65535]],
    [
      'of floating-point numbers',
      { bits: 32, format: 3, data: of(Float32Array.of(-1.5, 2, 3, 1e30)) },
      'float32',
      [...Float32Array.of(-1.5, 2, 3, 1e30)],
    ],
    [
      'of 16-bit colours, as their upper bytes like PIL',
      { bits: 16, samples: 3, photometric: 2, data: of(Uint16Array.from({ length: 12 }, (_, n) => n * 256 + 9)) },
      'uint8',
      Array.from({ length: 12 }, (_, n) => n),
    ],
  ])('%s is read', async (_name, page, dtype, values) => {
    const { array } = await decode(page);
    expect(array.dtype).toBe(dtype);
    expect(Array.from(array.data, Number)).toEqual(values);
  });

  it.each<[string, TiffPage, string]>([
    [
      'of signed 16-bit numbers, which the decoder would cut to zero',
      { bits: 16, format: 2, data: of(Int16Array.of(-1, 2, 3, 4)) },
      'a TIFF of signed 16-bit numbers',
    ],
    [
      'of grey and alpha, of which one would be dropped',
      { samples: 2, data: new Uint8Array(8) },
      'a picture of 2 samples a pixel',
    ],
    ['turned by its tag', { orientation: 6, data: new Uint8Array(4) }, 'turned by its orientation tag'],
    ['of CMYK', { samples: 4, photometric: 5, data: new Uint8Array(16) }, 'a CMYK picture'],
    ['of a palette', { photometric: 3, data: new Uint8Array(4) }, 'a palette TIFF'],
  ])('%s is refused by name', async (_name, page, message) => {
    await expect(decode(page)).rejects.toMatchObject({
      code: 'IMAGE_FORMAT',
      message: expect.stringContaining(`${message} is not read here`),
    });
  });

  it('of two pages is refused by LoadImage; LoadPILImageFromFilename takes the first, as PIL does', async () => {
    const bytes = makeTiff([{ data: Uint8Array.of(1, 2, 3, 4) }, { data: Uint8Array.of(5, 6, 7, 8) }]);
    const run = (type: string) => runSteps([[type, { fields: ['p'] }]], { p: { kind: 'file', bytes } });
    await expect(run('LoadImage')).rejects.toThrow('a TIFF of 2 pages');
    const image = (await run('LoadPILImageFromFilename')).get('p') as { array: { data: Uint8Array } };
    expect([...image.array.data]).toEqual([1, 2, 3, 4]);
  });
});
