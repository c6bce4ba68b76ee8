import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';

/** Pieces smaller than this are gathered, so that a body sent byte by byte costs bytes and not objects. */
const SMALL_PIECE = 2048;
const GATHER_BYTES = 65_536;

/** Keeps pieces as they are; small ones that follow another are copied together into larger ones. */
function createGatherer(): { add(piece: Uint8Array): void; finish(): Uint8Array[] } {
  const pieces: Uint8Array[] = [];
  let slab: Uint8Array | null = null;
  let filled = 0;
  const flush = (): void => {
    if (slab !== null && filled > 0) pieces.push(slab.subarray(0, filled));
    slab = null;
    filled = 0;
  };
  return {
    add(piece) {
      if (piece.byteLength >= SMALL_PIECE || pieces.length === 0) {
        flush();
        pieces.push(piece);
        return;
      }
      if (slab !== null && filled + piece.byteLength > GATHER_BYTES) flush();
      slab ??= new Uint8Array(GATHER_BYTES);
      slab.set(piece, filled);
      filled += piece.byteLength;
    },
    finish() {
      flush();
      return pieces;
    },
  };
}

export interface CollectOptions {
  /** Called with the size of each piece as it came from the socket; a throw ends the reading. */
  readonly onPiece: (bytes: number) => void;
  /** Time that any body may take; beyond it the bytes must have come at LIMITS.httpBodyBytesPerSecond. */
  readonly bodyMs: number;
  /** An inflater to lead the bytes through. */
  readonly through?: NodeJS.ReadWriteStream & Readable;
  readonly onInflated?: (bytes: number) => void;
}

/** Milliseconds that a body of which so much has come may still take; none left: it is given up. Pure. */
export function bodyTimeLeft(body: {
  readonly elapsedMs: number;
  readonly received: number;
  readonly bodyMs: number;
}): number {
  return body.bodyMs + (body.received / LIMITS.httpBodyBytesPerSecond) * 1000 - body.elapsedMs;
}

function late(bodyMs: number): EisenError {
  return new EisenError('REQUEST_TIMEOUT', 'The request body came too slowly.', {
    where: 'request body',
    expected: `at least ${LIMITS.httpBodyBytesPerSecond} bytes a second after ${bodyMs} ms`,
  });
}

export function clientGone(): EisenError {
  return new EisenError('CANCELLED', 'The client went before its request was complete.');
}

/** Reads a request to its end. A body that comes too slowly is given up: REQUEST_TIMEOUT; a client that goes: CANCELLED. */
export function collectPieces(request: IncomingMessage, options: CollectOptions): Promise<Uint8Array[]> {
  const { through, bodyMs } = options;
  const source: Readable = through ?? request;
  const gatherer = createGatherer();
  const started = Date.now();
  let received = 0;

  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout;
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      request.off('data', onRaw).off('error', onGone).off('close', onClose);
      if (through !== undefined) {
        request.unpipe(through);
        through.off('data', onInflated);
        through.destroy();
      }
      source.off('end', onEnd);
      finish();
    };
    const fail = (error: unknown): void => settle(() => reject(error));
    const watch = (): void => {
      const left = bodyTimeLeft({ elapsedMs: Date.now() - started, received, bodyMs });
      if (left <= 0) fail(late(bodyMs));
      else timer = setTimeout(watch, left);
    };
    const onRaw = (piece: Uint8Array): void => {
      received += piece.byteLength;
      try {
        options.onPiece(piece.byteLength);
        if (through === undefined) gatherer.add(piece);
      } catch (error) {
        fail(error);
      }
    };
    const onInflated = (piece: Uint8Array): void => {
      try {
        options.onInflated?.(piece.byteLength);
        gatherer.add(piece);
      } catch (error) {
        fail(error);
      }
    };
    const onEnd = (): void => settle(() => resolve(gatherer.finish()));
    const onGone = (): void => fail(clientGone());
    const onClose = (): void => {
      if (!request.complete) onGone();
    };

    timer = setTimeout(watch, bodyMs);
    request.on('data', onRaw).on('error', onGone).on('close', onClose);
    source.on('end', onEnd);
    if (through !== undefined) {
      through.on('data', onInflated);
      through.on('error', () =>
        fail(
          new EisenError('BODY_UNDECODABLE', 'The request body does not inflate: it is damaged or not compressed.', {
            where: 'request body',
          }),
        ),
      );
      request.pipe(through);
    }
  });
}
