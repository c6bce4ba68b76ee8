import type { IncomingMessage } from 'node:http';
import { EisenError } from '../errors/error.js';

const GROWTH_BYTES = 1024 * 1024;

/**
 * The whole body in one buffer. With a declared length the buffer is made once, in that size, after the length has been held
 * against the limit; without one it doubles as bytes arrive.
 */
export async function readReplyBody(incoming: IncomingMessage, limitBytes: number): Promise<Uint8Array> {
  const text = incoming.headers['content-length'];
  const declared = text === undefined ? null : Number(text);
  if (declared !== null && declared > limitBytes) throw tooLarge(declared, limitBytes);
  let buffer = Buffer.allocUnsafeSlow(declared ?? 0);
  let used = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    if (used + chunk.length > buffer.length) {
      if (used + chunk.length > limitBytes) throw tooLarge(used + chunk.length, limitBytes);
      const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, used + chunk.length, GROWTH_BYTES));
      buffer.copy(larger, 0, 0, used);
      buffer = larger;
    }
    chunk.copy(buffer, used);
    used += chunk.length;
  }
  return buffer.subarray(0, used);
}

function tooLarge(bytes: number, limitBytes: number): EisenError {
  return new EisenError('LIMIT_EXCEEDED', `the reply is ${bytes} bytes; expected at most ${limitBytes}.`);
}
