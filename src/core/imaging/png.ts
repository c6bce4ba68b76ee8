import { deflateSync } from 'node:zlib';
import { EisenError } from '../errors/error.js';
import { crc32 } from './pictures/crc32.js';

/** A picture of 8-bit samples, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 RGB, 4 RGBA. */
  readonly channels: 1 | 3 | 4;
  readonly data: Uint8Array;
}

const COLOUR_TYPE = { 1: 0, 3: 2, 4: 6 } as const;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const FILTER_UP = 2;

/** The picture as a PNG file; equal pictures give equal bytes. Throws TENSOR_SHAPE when the samples do not fill it. */
export function encodePng({ width, height, channels, data }: Picture): Uint8Array {
  const line = width * channels;
  if (!(width > 0 && height > 0) || data.length !== line * height) {
    throw new EisenError(
      'TENSOR_SHAPE',
      `a picture of ${width} × ${height} × ${channels} needs ${line * height} samples; found ${data.length}.`,
    );
  }
  const filtered = new Uint8Array((line + 1) * height);
  for (let row = 0; row < height; row += 1) {
    const at = row * (line + 1);
    filtered[at] = row === 0 ? 0 : FILTER_UP;
    for (let n = 0; n < line; n += 1)
      filtered[at + 1 + n] = data[row * line + n]! - (row === 0 ? 0 : data[(row - 1) * line + n]!);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = COLOUR_TYPE[channels];
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(filtered, { level: 6 })),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

function chunk(type: string, body: Uint8Array): Buffer {
  const out = Buffer.alloc(12 + body.length);
  out.writeUInt32BE(body.length, 0);
  out.write(type, 4, 'latin1');
  out.set(body, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + body.length)), 8 + body.length);
  return out;
}
