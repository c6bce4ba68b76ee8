import { gunzipSync, inflateSync, constants as zlib } from 'node:zlib';
import { EisenError } from '../errors/error.js';

/** Deflate cannot shrink more than this, so a smaller file cannot hold what a header promises. */
const MOST_DEFLATE_RATIO = 1032;

export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 18 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function refuse(file: string, expected: string, found: string, cause?: unknown): EisenError {
  return new EisenError('IMAGE_COMPRESSION', `${file}: the compressed data are ${found}; expected ${expected}.`, {
    ...{ where: file, expected, found, cause },
    hint: 'The file is damaged or was cut off; copy it again.',
  });
}

/** The first bytes of a gzip or zlib stream, at most `count`, without inflating the rest. Throws IMAGE_COMPRESSION. */
export function inflateStart(bytes: Uint8Array, count: number, file: string): Uint8Array {
  // Bounding the input bounds the work. The second try is for a gzip header with a long extra field.
  const near = inflatePiece(bytes.subarray(0, 4 * count), file);
  const out = near.length >= count ? near : inflatePiece(bytes.subarray(0, 4 * count + 128 * 1024), file);
  return out.slice(0, count);
}

function inflatePiece(piece: Uint8Array, file: string): Uint8Array {
  try {
    const options = { finishFlush: zlib.Z_SYNC_FLUSH };
    return isGzip(piece) ? gunzipSync(piece, options) : inflateSync(piece, options);
  } catch (cause) {
    throw refuse(file, 'a gzip stream', 'not readable', cause);
  }
}

/**
 * Inflates a gzip (or zlib) stream whose length is known from a header inside it, in one piece: one allocation of that
 * length, never more. What follows the wanted bytes is refused once it passes `slackBytes`, so a stream that grows
 * without end stops early. Throws IMAGE_COMPRESSION.
 */
export function inflateExactly(
  bytes: Uint8Array,
  { length, file, slackBytes = 64 * 1024 }: { length: number; file: string; slackBytes?: number },
): Uint8Array {
  if (length > bytes.length * MOST_DEFLATE_RATIO + 1024) {
    throw refuse(
      file,
      `at least ${Math.ceil(length / MOST_DEFLATE_RATIO)} bytes for ${length} bytes of volume`,
      `${bytes.length} bytes long`,
    );
  }
  try {
    const options = { chunkSize: Math.max(length + slackBytes + 64, 1024), maxOutputLength: length + slackBytes };
    const out = isGzip(bytes) ? gunzipSync(bytes, options) : inflateSync(bytes, options);
    if (out.length < length) throw refuse(file, `${length} bytes after inflating`, `only ${out.length} bytes`);
    return out;
  } catch (cause) {
    if (cause instanceof EisenError) throw cause;
    const grown = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw refuse(
      file,
      `a stream of ${length} bytes`,
      grown ? 'longer than the header says' : 'damaged or cut off',
      cause,
    );
  }
}
