import { compressionError } from '../dicom-error.js';
import type { FrameCodec } from './frame-codec.js';

/** RLE Lossless: byte planes of each sample, most significant first, after a table of 16 numbers. DICOM PS3.5 annex G. */
export const decodeRle: FrameCodec = (frame, format, file) => {
  const width = format.bitsAllocated / 8;
  const planes = format.samples * width;
  const pixels = format.rows * format.columns;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 64 || view.getUint32(0, true) !== planes) {
    throw compressionError(file, `an RLE frame has not the ${planes} byte planes that it needs`);
  }
  // Two bytes can stand for at most 128.
  if (planes * pixels > frame.length * 64) throw compressionError(file, 'a compressed frame ends too early');
  const out = new Uint8Array(pixels * planes);
  for (let plane = 0; plane < planes; plane += 1) {
    const at = Math.floor(plane / width) * width + width - 1 - (plane % width);
    unpackPlane({
      input: frame,
      from: view.getUint32(4 + plane * 4, true),
      out,
      at,
      step: planes,
      count: pixels,
      file,
    });
  }
  if (width === 1) return out;
  return width === 2 ? new Uint16Array(out.buffer) : new Uint32Array(out.buffer);
};

interface PlaneJob {
  readonly input: Uint8Array;
  readonly from: number;
  readonly out: Uint8Array;
  readonly at: number;
  readonly step: number;
  readonly count: number;
  readonly file: string;
}

function unpackPlane({ input, from, out, at, step, count, file }: PlaneJob): void {
  let read = from;
  let written = 0;
  while (written < count) {
    if (read >= input.length) throw compressionError(file, 'a compressed frame ends too early');
    const control = input[read]!;
    read += 1;
    if (control === 128) continue;
    const literal = control < 128;
    const length = Math.min(literal ? control + 1 : 257 - control, count - written);
    for (let n = 0; n < length; n += 1) out[at + (written + n) * step] = input[literal ? read + n : read] ?? 0;
    written += length;
    read += literal ? control + 1 : 1;
  }
}
