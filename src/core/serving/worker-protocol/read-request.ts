import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';
import { END_OF_LIST, type Header, LOAD_COMMAND, type LoadFrame, PREDICT_COMMAND, type RequestRow } from './frames.js';

/** Where a worker reads its messages from; every call waits until the bytes are there. */
export interface ByteReader {
  /** null at the end of the channel. */
  readByte(): number | null;
  readInt(): number;
  /** Bytes of their own: they stay valid until the next message is read. */
  readBytes(count: number): Uint8Array;
  readText(count: number): string;
}

export type RequestFrame =
  | { readonly command: 'load'; readonly load: LoadFrame }
  | { readonly command: 'predict'; readonly rows: readonly RequestRow[] };

function invalid(what: string): EisenError {
  return new EisenError('WORKER_PROTOCOL', `The message to the worker is damaged: ${what}.`);
}

function readLength(reader: ByteReader, limit: number): number {
  const length = reader.readInt();
  if (length < END_OF_LIST || length > limit) throw invalid(`a length is ${length}; expected at most ${limit}`);
  return length;
}

function readText(reader: ByteReader): string {
  const length = readLength(reader, LIMITS.frameTextBytes);
  if (length < 0) throw invalid('a text ends the list');
  return reader.readText(length);
}

function readLoad(reader: ByteReader): LoadFrame {
  return {
    modelName: readText(reader),
    modelDir: readText(reader),
    batchSize: reader.readInt(),
    handler: readText(reader),
    gpuId: reader.readInt(),
    envelope: readText(reader),
    limitMaxImagePixels: reader.readByte() === 1,
  };
}

function readHeaders(reader: ByteReader): Header[] {
  const headers: Header[] = [];
  for (;;) {
    const length = readLength(reader, LIMITS.frameTextBytes);
    if (length === END_OF_LIST) return headers;
    if (headers.length >= LIMITS.frameHeaders) throw invalid(`more than ${LIMITS.frameHeaders} headers`);
    const name = reader.readText(length);
    headers.push([name, readText(reader)]);
  }
}

function readParameters(reader: ByteReader): RequestRow['parameters'] {
  const parameters: RequestRow['parameters'][number][] = [];
  for (;;) {
    const length = readLength(reader, LIMITS.frameTextBytes);
    if (length === END_OF_LIST) return parameters;
    if (parameters.length >= LIMITS.formFields) throw invalid(`more than ${LIMITS.formFields} parameters`);
    const name = reader.readText(length);
    const contentType = readText(reader);
    const bytes = readLength(reader, 2 ** 31 - 1);
    if (bytes < 0) throw invalid('a value ends the list');
    parameters.push({ name, contentType, value: reader.readBytes(bytes) });
  }
}

function readRows(reader: ByteReader): RequestRow[] {
  const rows: RequestRow[] = [];
  for (;;) {
    const length = readLength(reader, LIMITS.frameTextBytes);
    if (length === END_OF_LIST) return rows;
    if (rows.length >= LIMITS.batchRows) throw invalid(`more than ${LIMITS.batchRows} rows`);
    const requestId = reader.readText(length);
    rows.push({ requestId, headers: readHeaders(reader), parameters: readParameters(reader) });
  }
}

/** The next message of the server, null when it has closed the channel. Throws WORKER_PROTOCOL for damaged bytes. */
export function readRequest(reader: ByteReader): RequestFrame | null {
  const command = reader.readByte();
  if (command === null) return null;
  if (command === LOAD_COMMAND) return { command: 'load', load: readLoad(reader) };
  if (command === PREDICT_COMMAND) return { command: 'predict', rows: readRows(reader) };
  throw invalid(`the command is ${command}; expected L or I`);
}
