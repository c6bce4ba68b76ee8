import { inflateSync } from 'node:zlib';
import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';
import { type NdArray, wrapNdArray } from '../../tensor/ndarray.js';
import type { ImageValue } from '../../tensor/value.js';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Samples a pixel for each colour type. */
const SAMPLES: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [2, 3],
  [3, 1],
  [4, 2],
  [6, 4],
]);
const DEPTHS: ReadonlyMap<number, readonly number[]> = new Map([
  [0, [1, 2, 4, 8, 16]],
  [2, [8, 16]],
  [3, [1, 2, 4, 8]],
  [4, [8, 16]],
  [6, [8, 16]],
]);
/** Adam7: first column, first row, column step, row step of each pass. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  readonly interlaced: boolean;
  readonly samples: number;
}

function fail(file: string, problem: string): EisenError {
  return new EisenError('IMAGE_FORMAT', `${file}: ${problem}.`, { where: file });
}

export function looksLikePng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, n) => bytes[n] === byte);
}

/**
 * A PNG as PIL's array of it, axes (row, column[, sample]): 1-bit grey as bool, other grey below 8 bits stretched to
 * 0..255, a palette picture as its indices, 16-bit grey as uint16, 16-bit colour as its upper bytes. Throws IMAGE_FORMAT.
 */
export function readPng(bytes: Uint8Array, file: string): ImageValue {
  const { header, packed } = readChunks(bytes, file);
  const rows = unfilter(inflate(packed, header, file), header, file);
  return {
    kind: 'image',
    form: 'pil',
    array: toPilArray(rows, header),
    extra: { format: 'png', mode: modeOf(header) },
  };
}

function readChunks(bytes: Uint8Array, file: string): { header: Header; packed: Buffer } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let header: Header | undefined;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const type = Buffer.from(bytes.subarray(at + 4, at + 8)).toString('latin1');
    if (length > bytes.length - at - 12)
      throw fail(file, `chunk ${JSON.stringify(type)} at byte ${at} reaches past the end of the file`);
    const start = at + 8;
    if (type === 'IHDR') header = readHeader(view, { start, length, file });
    if (type === 'IDAT') parts.push(bytes.subarray(start, start + length));
    if (type === 'IEND') break;
    at = start + length + 4;
  }
  if (!header || parts.length === 0) throw fail(file, 'the PNG has no picture in it');
  return { header, packed: Buffer.concat(parts) };
}

function readHeader(view: DataView, { start, length, file }: { start: number; length: number; file: string }): Header {
  if (length !== 13) throw fail(file, `the PNG header has ${length} bytes; expected 13`);
  const [width, height] = [view.getUint32(start), view.getUint32(start + 4)];
  const [depth, colour] = [view.getUint8(start + 8), view.getUint8(start + 9)];
  const samples = SAMPLES.get(colour);
  if (samples === undefined || !DEPTHS.get(colour)!.includes(depth) || view.getUint8(start + 12) > 1) {
    throw fail(file, `a PNG of colour type ${colour} with ${depth} bits is not defined`);
  }
  if (width === 0 || height === 0 || width * height * samples * 2 > LIMITS.tensorBytes) {
    throw fail(file, `the PNG says it is ${width} × ${height} pixels`);
  }
  return { width, height, depth, colour, samples, interlaced: view.getUint8(start + 12) === 1 };
}

interface Pass {
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
  readonly width: number;
  readonly height: number;
  readonly lineBytes: number;
}

function passesOf({ width, height, depth, samples, interlaced }: Header): Pass[] {
  return (interlaced ? PASSES : ([[0, 0, 1, 1]] as const))
    .map(([x, y, stepX, stepY]) => {
      const across = Math.ceil((width - x) / stepX);
      return {
        x,
        y,
        stepX,
        stepY,
        width: across,
        height: Math.ceil((height - y) / stepY),
        lineBytes: Math.ceil((across * depth * samples) / 8),
      };
    })
    .filter((pass) => pass.width > 0 && pass.height > 0);
}

function inflate(packed: Buffer, header: Header, file: string): Uint8Array {
  const length = passesOf(header).reduce((sum, pass) => sum + pass.height * (pass.lineBytes + 1), 0);
  // Deflate cannot shrink by more than 1032, so a small file cannot make us reserve a large picture.
  if (length > packed.length * 1032 + 1024)
    throw fail(file, `there are too few bytes for ${header.width} × ${header.height} pixels`);
  try {
    const out = inflateSync(packed, { chunkSize: length + 1024, maxOutputLength: length + 1024 });
    if (out.length >= length) return out;
  } catch (cause) {
    throw new EisenError('IMAGE_FORMAT', `${file}: the compressed pixels are damaged.`, { where: file, cause });
  }
  throw fail(file, 'the compressed pixels end too early');
}

/** Undoes the line filters and sorts interlaced pixels; one row-major sample list, 8-bit packed samples spread out. */
function unfilter(data: Uint8Array, header: Header, file: string): Uint16Array {
  const { width, height, depth, samples } = header;
  const out = new Uint16Array(width * height * samples);
  const back = Math.max((depth * samples) >> 3, 1);
  let at = 0;
  for (const pass of passesOf(header)) {
    let above: Uint8Array = new Uint8Array(pass.lineBytes);
    for (let row = 0; row < pass.height; row += 1) {
      const filter = data[at]!;
      const line = data.subarray(at + 1, at + 1 + pass.lineBytes);
      if (filter > 4) throw fail(file, `line ${row} has filter ${filter}; expected 0..4`);
      unfilterLine({ line, above, filter, back });
      const first = (pass.y + row * pass.stepY) * width;
      for (let n = 0; n < pass.width * samples; n += 1) {
        const column = pass.x + Math.floor(n / samples) * pass.stepX;
        out[(first + column) * samples + (n % samples)] = readSample(line, n, depth);
      }
      above = line;
      at += pass.lineBytes + 1;
    }
  }
  return out;
}

function readSample(line: Uint8Array, n: number, depth: number): number {
  if (depth === 8) return line[n]!;
  if (depth === 16) return line[2 * n]! * 256 + line[2 * n + 1]!;
  const bit = n * depth;
  return (line[bit >> 3]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}

function unfilterLine({
  line,
  above,
  filter,
  back,
}: {
  line: Uint8Array;
  above: Uint8Array;
  filter: number;
  back: number;
}): void {
  if (filter === 0) return;
  for (let n = 0; n < line.length; n += 1) {
    const left = n >= back ? line[n - back]! : 0;
    const up = above[n]!;
    const corner = n >= back ? above[n - back]! : 0;
    if (filter === 1) line[n]! += left;
    else if (filter === 2) line[n]! += up;
    else if (filter === 3) line[n]! += (left + up) >> 1;
    else line[n]! += paeth(left, up, corner);
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function modeOf({ colour, depth }: Header): string {
  if (colour === 0) return depth === 1 ? '1' : depth === 16 ? 'I;16' : 'L';
  if (colour === 2) return 'RGB';
  if (colour === 3) return 'P';
  return colour === 4 && depth === 8 ? 'LA' : 'RGBA';
}

function toPilArray(values: Uint16Array, header: Header): NdArray {
  const { width, height, depth, colour, samples } = header;
  const shape = samples === 1 ? [height, width] : [height, width, samples];
  if (colour === 0 && depth === 16) return wrapNdArray('uint16', shape, values);
  if (colour === 0 && depth === 1) return wrapNdArray('bool', shape, Uint8Array.from(values));
  if (colour === 4 && depth === 16) return greyAlphaAsRgba(values, header);
  const stretch = colour === 0 && depth < 8 ? 255 / ((1 << depth) - 1) : 1;
  return wrapNdArray(
    'uint8',
    shape,
    Uint8Array.from(values, depth === 16 ? (value) => value >> 8 : (value) => value * stretch),
  );
}

/** PIL reads 16-bit grey with alpha as RGBA. */
function greyAlphaAsRgba(values: Uint16Array, { width, height }: Header): NdArray {
  const data = new Uint8Array(width * height * 4);
  for (let n = 0; n < width * height; n += 1) {
    data.fill(values[2 * n]! >> 8, 4 * n, 4 * n + 3);
    data[4 * n + 3] = values[2 * n + 1]! >> 8;
  }
  return wrapNdArray('uint8', [height, width, 4], data);
}
