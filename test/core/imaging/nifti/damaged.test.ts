import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { isEisenError } from '../../../../src/core/errors/error.js';
import { viewHeader } from '../../../../src/core/imaging/nifti/fields.js';
import { readNifti } from '../../../../src/core/imaging/nifti/read.js';
import { encodeNifti } from '../../../../src/core/imaging/nifti/write.js';
import { wrapNdArray } from '../../../../src/core/tensor/ndarray.js';

function makeFile(): Uint8Array {
  const array = wrapNdArray(
    'int16',
    [3, 4, 5],
    Int16Array.from({ length: 60 }, (_, n) => n),
    'F',
  );
  const affine = [2, 0, 0, -3, 0, 2, 0, -4, 0, 0, 2, -5, 0, 0, 0, 1];
  const geometry = {
    affine,
    spatialAxes: [0, 1, 2] as const,
    original: { shape: [3, 4, 5], affine, source: 'array' as const },
  };
  return Buffer.concat(encodeNifti({ array, geometry }));
}

type Header = ReturnType<typeof viewHeader>;

function damage(change: (header: Header, bytes: Uint8Array) => void): Uint8Array {
  const bytes = new Uint8Array(makeFile());
  change(viewHeader(bytes, 1, true), bytes);
  return bytes;
}

function setEdges(header: Header, rank: number, length: number): void {
  header.set('dim', rank, 0);
  for (let n = 1; n <= rank; n += 1) header.set('dim', length, n);
}

const damaged: [string, Uint8Array, string][] = [
  [
    'an empty file',
    new Uint8Array(0),
    'v.nii: the header is 0 bytes long; expected at least 348 bytes. The file is cut off.',
  ],
  ['a file that is not NIfTI', new Uint8Array(400), 'v.nii: magic (byte 344) is "\\u0000\\u0000\\u0000\\u0000"'],
  ['no axes', damage((h) => h.set('dim', 0, 0)), 'v.nii: dim[0] (byte 40) is 0; expected 1..7'],
  ['two hundred axes', damage((h) => h.set('dim', 200, 0)), 'v.nii: dim[0] (byte 40) is 200; expected 1..7'],
  [
    'a negative axis',
    damage((h) => h.set('dim', -4, 1)),
    'v.nii: dim[1] (byte 42) is -4; expected 1..32767. The header may be byte-swapped or damaged.',
  ],
  ['an axis of nothing', damage((h) => h.set('dim', 0, 3)), 'dim[3] (byte 46) is 0'],
  ['seven axes of 32767', damage((h) => setEdges(h, 7, 32767)), 'is more than'],
  [
    'an unknown datatype',
    damage((h) => h.set('datatype', 77)),
    'datatype (byte 70) is 77; expected one of 2 (uint8), 4 (int16)',
  ],
  ['colours', damage((h) => h.set('datatype', 128)), 'datatype (byte 70) is 128 (RGB colour)'],
  ['complex numbers', damage((h) => h.set('datatype', 32)), 'is 32 (complex64)'],
  ['128-bit floats', damage((h) => h.set('datatype', 1536)), 'is 1536 (float128)'],
  [
    'a bit count of another datatype',
    damage((h) => h.set('bitpix', 32)),
    'bitpix (byte 72) is 32; expected 16 for datatype 4 (int16)',
  ],
  ['a voxel size that is no number', damage((h) => h.set('pixdim', Number.NaN, 2)), 'pixdim[2] (byte 84) is NaN'],
  [
    'voxels that begin inside the header',
    damage((h) => h.set('vox_offset', 100)),
    'vox_offset (byte 108) is 100; expected a whole number from 352',
  ],
  ['voxels that begin at half a byte', damage((h) => h.set('vox_offset', 352.5)), 'vox_offset (byte 108) is 352.5'],
  ['voxels that begin nowhere', damage((h) => h.set('vox_offset', Number.NaN)), 'vox_offset (byte 108) is NaN'],
  [
    'voxels that begin past the end',
    damage((h) => h.set('vox_offset', 1e9)),
    'v.nii: the file is 472 bytes long; expected 1000000120 bytes',
  ],
  ['an intercept that is no number', damage((h) => h.set('scl_inter', Number.NaN)), 'scl_inter (byte 116) is NaN'],
  ['an sform that is no number', damage((h) => h.set('srow', Number.NaN, 5)), 'srow[5] (byte 300) is NaN'],
  [
    'a quaternion longer than one',
    damage((h) => {
      h.set('sform_code', 0);
      h.set('quatern', 2, 0);
    }),
    'quatern_b, c, d (byte 256) is of squared length 4',
  ],
  [
    'an infinite qform origin',
    damage((h) => {
      h.set('sform_code', 0);
      h.set('qoffset', Number.NEGATIVE_INFINITY, 2);
    }),
    'qoffset[2] (byte 276) is -Infinity',
  ],
  [
    'an extension that reaches past the voxels',
    damage((h, bytes) => {
      bytes[348] = 1;
      h.set('vox_offset', 368);
      h.set('dim', 2, 1);
    }),
    'esize of an extension (byte 352) is 65536; expected 8..16.',
  ],
  [
    'extensions of unknown length before the voxels',
    damage((h, bytes) => {
      bytes[348] = 1;
      h.set('vox_offset', 0);
    }),
    'vox_offset (byte 108) is 0; expected where the voxels begin, since extensions lie between them and the header',
  ],
  [
    'voxels cut off',
    makeFile().subarray(0, 400),
    'the file is 400 bytes long; expected 472 bytes for [3, 4, 5] int16 from byte 352',
  ],
];

describe('a damaged NIfTI file is refused by name', () => {
  it.each(damaged)('%s', (_name, bytes, message) => {
    const act = (): unknown => readNifti({ bytes, name: 'v.nii' });
    expect(act).toThrow(message);
    try {
      act();
    } catch (error) {
      expect(isEisenError(error) && ['NIFTI_INVALID', 'LIMIT_EXCEEDED'].includes(error.code)).toBe(true);
    }
  });

  it('line ends changed by a text transfer in NIfTI-2', () => {
    const bytes = new Uint8Array(600);
    bytes.set(Buffer.from('n+2\0\n\n\x1a\n', 'latin1'), 4);
    expect(() => readNifti({ bytes })).toThrow('text-mode transfer');
  });

  it('a NIfTI-2 quaternion that is longer than one by more than its double precision', () => {
    const bytes = new Uint8Array(545);
    bytes.set(Buffer.from('n+2\0\r\n\x1a\n', 'latin1'), 4);
    const header = viewHeader(bytes, 2, true);
    setEdges(header, 3, 1);
    for (const [name, value] of [
      ['datatype', 2],
      ['bitpix', 8],
      ['qform_code', 1],
    ] as const)
      header.set(name, value);
    header.set('quatern', 1 + 1e-7, 0);
    expect(() => readNifti({ bytes, name: 'v.nii' })).toThrow(
      'quatern_b, c, d (byte 352) is of squared length 1.0000002',
    );
  });

  it('a NIfTI-2 axis past 2^31', () => {
    const bytes = new Uint8Array(600);
    bytes.set(Buffer.from('n+2\0\r\n\x1a\n', 'latin1'), 4);
    const header = viewHeader(bytes, 2, true);
    header.set('dim', 3, 0);
    header.set('dim', 2 ** 31, 1);
    expect(() => readNifti({ bytes })).toThrow('dim[1] (byte 24) is 2147483648');
  });
});

describe('a damaged gzip stream is refused', () => {
  const packed = gzipSync(makeFile());
  const huge = damage((h) => setEdges(h, 3, 600));
  const bomb = gzipSync(Buffer.concat([makeFile(), Buffer.alloc(64 * 1024 * 1024)]));

  it.each<[string, Uint8Array, string]>([
    ['cut off in the voxels', packed.subarray(0, packed.length - 20), 'the compressed data are damaged or cut off'],
    ['cut off in the header', packed.subarray(0, 30), 'the header is'],
    [
      'with one bit changed in its check sum',
      packed.map((byte, n) => (n === packed.length - 7 ? byte ^ 1 : byte)),
      'not readable',
    ],
    ['whose header promises more than deflate can hold', gzipSync(huge), 'bytes long; expected at least'],
    ['that goes on for 64 MiB after the volume', bomb, 'longer than the header says'],
    ['that is only its two first bytes', Uint8Array.from([0x1f, 0x8b, ...new Array(30).fill(0)]), 'not readable'],
  ])('%s', (_name, bytes, message) => {
    expect(() => readNifti({ bytes, name: 'v.nii.gz' })).toThrow(message);
  });

  it('a few stray bytes after the volume are no fault', () => {
    const file = gzipSync(Buffer.concat([makeFile(), Buffer.alloc(100)]));
    expect(readNifti({ bytes: file }).array.data[59]).toBe(59);
  });

  it('does not believe the length in the last four bytes', () => {
    const file = gzipSync(makeFile());
    const members = Buffer.concat([gzipSync(makeFile().subarray(0, 360)), gzipSync(makeFile().subarray(360))]);
    expect(readNifti({ bytes: members }).array.data).toEqual(readNifti({ bytes: file }).array.data);
  });
});

describe('thousands of random headers', () => {
  /** A small generator with a seed, so that a failure can be seen again. */
  function* random(seed: number): Generator<number, number> {
    let state = seed;
    for (;;) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      yield state / 2 ** 32;
    }
  }

  it('end as a volume or as one typed error, never as anything else', () => {
    const base = makeFile();
    const next = random(20);
    const draw = (below: number): number => Math.floor((next.next().value as number) * below);
    const strange = [0, 1, 7, 0x7f, 0x80, 0xff];
    const codes = new Set<string>();
    for (let round = 0; round < 4000; round += 1) {
      let bytes = new Uint8Array(base);
      for (let change = draw(6) + 1; change > 0; change -= 1) {
        const at = draw(2) ? draw(352) : 40 + draw(90);
        bytes[at] = draw(2) ? strange[draw(strange.length)]! : draw(256);
      }
      if (draw(50) === 0) setEdges(viewHeader(bytes, 1, true), 7, 32767 - draw(3000));
      if (draw(8) === 0) bytes = bytes.subarray(0, draw(bytes.length));
      const file = draw(4) === 0 ? gzipSync(bytes) : bytes;
      try {
        const image = readNifti({ bytes: file, name: 'v.nii' });
        codes.add('read');
        expect(image.array.data.byteLength).toBeLessThanOrEqual(bytes.length);
      } catch (error) {
        if (!isEisenError(error)) throw error;
        codes.add(error.code);
      }
    }
    expect([...codes].sort()).toEqual(['IMAGE_COMPRESSION', 'LIMIT_EXCEEDED', 'NIFTI_INVALID', 'read']);
  });
});
