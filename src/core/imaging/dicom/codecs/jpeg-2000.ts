import { type CodestreamFacts, checkSize, readJpeg2000Facts } from './codestream.js';
import type { FrameCodec } from './frame-codec.js';
import { decodeWithOpenJpeg } from './openjpeg.js';

/** JPEG 2000, reversible or not, by OpenJPEG. */
export const decodeJpeg2000: FrameCodec = async (frame, format, file) => {
  const facts = readJpeg2000Facts(frame, file);
  checkSize(facts, { ...format, bitsAllocated: Math.min(format.bitsAllocated, 16) as 8 | 16 }, file);
  const wide = facts.precision > 8;
  const bytes = format.rows * format.columns * format.samples * (wide ? 2 : 1);
  const narrow = facts.signed && !wide;
  const out = await decodeWithOpenJpeg(narrow ? asUnsigned(frame, facts) : frame, { bytes, file });
  if (narrow) return Int8Array.from(new Uint8Array(out), (value) => value - (1 << (facts.precision - 1)));
  if (facts.signed) return new Int16Array(out);
  return wide ? new Uint16Array(out) : new Uint8Array(out);
};

/**
 * The decoder's build cuts negative samples of 8 bits to zero. Called unsigned, the same codestream gives samples that
 * are higher by half the range.
 */
function asUnsigned(frame: Uint8Array, { at, components }: CodestreamFacts): Uint8Array {
  const copy = frame.slice();
  for (let n = 0; n < components; n += 1) copy[at + 42 + 3 * n]! &= 0x7f;
  return copy;
}
