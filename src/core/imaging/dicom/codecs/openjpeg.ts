import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { compressionError } from '../dicom-error.js';

/** The part of the Emscripten module of OpenJPEG that is used. */
interface WasmDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  getDecodedBuffer(): Uint8Array;
  decode(): void;
  delete(): void;
}

interface Codec {
  readonly Decoder: new () => WasmDecoder;
  /** What the decoder printed; it tells of damage in no other way. */
  readonly printed: string[];
}

const PACKAGE = '@cornerstonejs/codec-openjpeg';

const require = createRequire(import.meta.url);
let loaded: Promise<Codec> | undefined;

async function load(): Promise<Codec> {
  const create = require(`${PACKAGE}/decodewasmjs`) as (options: object) => Promise<{ J2KDecoder: Codec['Decoder'] }>;
  const wasmBinary = await readFile(require.resolve(`${PACKAGE}/decodewasm`));
  const printed: string[] = [];
  const print = (line: string): void => {
    if (line.includes('[ERROR]') && printed.length < 4) printed.push(line.slice(0, 200));
  };
  const { J2KDecoder } = await create({ wasmBinary, print, printErr: print });
  return { Decoder: J2KDecoder, printed };
}

/**
 * Decodes one JPEG 2000 codestream in WebAssembly memory, at most 2 GiB, and copies the result out. Throws IMAGE_COMPRESSION for
 * anything that the decoder complains of; one that ran into a trap is not used again, since its memory may be damaged.
 */
export async function decodeWithOpenJpeg(
  frame: Uint8Array,
  { bytes, file }: { bytes: number; file: string },
): Promise<ArrayBuffer> {
  loaded ??= load();
  const { Decoder, printed } = await loaded;
  printed.length = 0;
  let decoder: WasmDecoder | undefined;
  try {
    decoder = new Decoder();
    decoder.getEncodedBuffer(frame.length).set(frame);
    decoder.decode();
    const out = decoder.getDecodedBuffer();
    if (printed.length > 0) throw new Error(printed.join('; '));
    if (out.length !== bytes) throw new Error(`${out.length} bytes were decoded; expected ${bytes}`);
    return new Uint8Array(out).buffer;
  } catch (cause) {
    if (isTrap(cause)) {
      loaded = undefined;
      decoder = undefined;
    }
    throw compressionError(file, 'the compressed pixels cannot be decoded', cause);
  } finally {
    decoder?.delete();
  }
}

/** By name: an error of another realm is no instance of ours. */
function isTrap(cause: unknown): boolean {
  return (cause as { name?: unknown } | null)?.name === 'RuntimeError';
}
