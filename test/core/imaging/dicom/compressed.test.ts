import { describe, expect, it } from '@jest/globals';
import { isEisenError } from '../../../../src/core/errors/error.js';
import { parseDicom } from '../../../../src/core/imaging/dicom/dataset.js';
import { readPixelArray } from '../../../../src/core/imaging/dicom/pixels.js';
import { encapsulate, encodeDicom, greyPicture } from '../../../support/dicom-writer.js';
import { countDifferences, readGolden } from '../../../support/golden.js';

const cases = readGolden('compressed', 'dicom');

describe('compressed pixels decode to the bits of gdcm and pylibjpeg', () => {
  it.each(cases)('$name', async ({ arrays }) => {
    const file = parseDicom(arrays.file0!.data as Uint8Array, 'f.dcm');
    expect(countDifferences(await readPixelArray(file), arrays.pixels!)).toBe(0);
  });
});

/** A compressed file of our own with any declared size round the given codestream. */
function wrap(
  frame: Uint8Array,
  syntax: string,
  { rows, columns, frames }: { rows: number; columns: number; frames?: number },
) {
  const facts = greyPicture(new Uint16Array(0), { rows, columns, frames }).filter(([tag]) => tag !== 0x7fe00010);
  const bytes = Buffer.concat([encodeDicom(facts, { syntax: `1.2.840.10008.1.2.${syntax}` }), encapsulate(frame)]);
  return parseDicom(new Uint8Array(bytes), 'f.dcm');
}

/** The only codestream of a golden file. */
function frameOf(name: string): { frame: Uint8Array; syntax: string } {
  const file = parseDicom(cases.find((one) => one.name === name)!.arrays.file0!.data as Uint8Array, 'f');
  const fragments = file.dataset.get(0x7fe00010)!.fragments!;
  return { frame: fragments[1]!, syntax: file.transferSyntax.replace('1.2.840.10008.1.2.', '') };
}

const STREAMS = [
  'jpeg baseline, uint8, 8 bits',
  'jpeg extended, uint16, 12 bits',
  'jpeg lossless process 14 SV1, uint16, 12 bits',
  'jpeg-ls, uint16, 12 bits',
  'jpeg 2000, uint16, 12 bits',
  'rle, uint16, 12 bits',
];

describe('compressed pixels are refused', () => {
  it.each(STREAMS)('when the codestream has another size than the file says: %s', async (name) => {
    const { frame, syntax } = frameOf(name);
    for (const [rows, columns] of [
      [20, 25],
      [40, 24],
      [24, 20000],
    ] as const) {
      const reading = (async () => readPixelArray(wrap(frame, syntax, { rows, columns })))();
      await expect(reading).rejects.toMatchObject({ code: 'IMAGE_COMPRESSION' });
    }
  });

  it('when a few bytes claim gigabytes, before anything is reserved', async () => {
    const { frame, syntax } = frameOf('jpeg 2000, uint16, 12 bits');
    const before = process.memoryUsage().rss;
    for (const claim of [
      { rows: 40000, columns: 40000 },
      { rows: 20, columns: 24, frames: 4_000_000 },
    ]) {
      await expect((async () => readPixelArray(wrap(frame, syntax, claim)))()).rejects.toThrow('cannot be');
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  it('when there are fewer frames than the file says', async () => {
    const { frame, syntax } = frameOf('jpeg-ls, uint16, 12 bits');
    const reading = (async () => readPixelArray(wrap(frame, syntax, { rows: 20, columns: 24, frames: 3 })))();
    await expect(reading).rejects.toMatchObject({
      code: 'IMAGE_COMPRESSION',
      message: expect.stringContaining('1 pixel fragments do not make 3 frames'),
    });
  });

  it.each(STREAMS)('or read, but never crash anything, when damaged at random: %s', async (name) => {
    const { frame, syntax } = frameOf(name);
    let state = 5;
    const draw = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const outcomes = new Set<string>();
    for (let round = 0; round < 150; round += 1) {
      const bytes = frame.slice();
      for (let change = draw(3) + 1; change > 0; change -= 1) bytes[draw(bytes.length)] = draw(256);
      const kept = draw(4) === 0 ? bytes.subarray(0, draw(bytes.length)) : bytes;
      try {
        await readPixelArray(wrap(kept, syntax, { rows: 20, columns: 24 }));
        outcomes.add('read');
      } catch (error) {
        if (!isEisenError(error)) throw error;
        outcomes.add(error.code);
      }
    }
    expect([...outcomes]).toContain('IMAGE_COMPRESSION');
  });

  it('and a decoder that failed does not spoil the next file', async () => {
    for (const name of ['jpeg-ls, uint16, 12 bits', 'jpeg 2000, uint16, 12 bits']) {
      const { frame, syntax } = frameOf(name);
      const broken = frame.slice().fill(0, frame.length >> 2);
      await readPixelArray(wrap(broken, syntax, { rows: 20, columns: 24 })).catch(() => undefined);
      const golden = cases.find((one) => one.name === name)!;
      const found = await readPixelArray(wrap(frame, syntax, { rows: 20, columns: 24 }));
      expect(countDifferences(found, golden.arrays.pixels!)).toBe(0);
    }
  });
});
