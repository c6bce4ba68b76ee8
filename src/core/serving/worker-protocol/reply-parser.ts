import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';
import { END_OF_LIST, type Header, type ReplyFrame, type ReplyRow } from './frames.js';
import { createPieceQueue, type PieceCursor } from './piece-queue.js';

/** Turns the bytes of a worker, as they arrive, into replies. Bodies are views of the pieces that arrived. */
export interface ReplyParser {
  /** Replies that are whole with this piece. Throws WORKER_PROTOCOL for damaged bytes, LIMIT_EXCEEDED past the limit. */
  push(piece: Buffer): ReplyFrame[];
  /** True while a reply has begun and not ended. */
  readonly isInside: boolean;
}

class MoreNeeded {
  constructor(readonly bytes: number) {}
}

function invalid(what: string): EisenError {
  return new EisenError('WORKER_PROTOCOL', `The reply of the worker is damaged: ${what}.`);
}

/** `limitBytes` bounds one reply body, as TorchServe's max_response_size does. */
export function createReplyParser({ limitBytes }: { readonly limitBytes: number }): ReplyParser {
  const reader = createPieceQueue();
  const { queue } = reader;
  let waitFor = 0;

  const need = (cursor: PieceCursor, bytes: number): void => {
    if (cursor.at + bytes > queue.length) throw new MoreNeeded(cursor.at + bytes);
  };
  const readInt = (cursor: PieceCursor): number => {
    need(cursor, 4);
    return reader.readInt(cursor);
  };
  const readLength = (cursor: PieceCursor, limit: number, what: string): number => {
    const length = readInt(cursor);
    if (length < 0) throw invalid(`the length of ${what} is ${length}`);
    if (length > limit) {
      throw new EisenError('LIMIT_EXCEEDED', `The worker sends ${what} of ${length} bytes; expected at most ${limit}.`);
    }
    return length;
  };
  const readText = (cursor: PieceCursor, what: string): string => {
    const length = readLength(cursor, LIMITS.frameTextBytes, what);
    need(cursor, length);
    return reader.readText(cursor, length);
  };
  const readRow = (cursor: PieceCursor, idBytes: number): ReplyRow => {
    if (idBytes > LIMITS.frameTextBytes) throw invalid(`a request id has ${idBytes} bytes`);
    need(cursor, idBytes);
    const requestId = reader.readText(cursor, idBytes);
    const contentType = readText(cursor, 'a content type');
    const status = readInt(cursor);
    const reason = readText(cursor, 'a reason');
    const headers: Header[] = [];
    const count = readInt(cursor);
    if (count < 0 || count > LIMITS.frameHeaders) throw invalid(`a reply has ${count} headers`);
    for (let n = 0; n < count; n += 1) headers.push([readText(cursor, 'a header'), readText(cursor, 'a header')]);
    const bytes = readLength(cursor, limitBytes, 'a body');
    need(cursor, bytes + 4);
    return { requestId, contentType, status, reason, headers, body: reader.readPieces(cursor, bytes) };
  };
  const readFrame = (): ReplyFrame => {
    const cursor = queue.cursor();
    const code = readInt(cursor);
    const message = readText(cursor, 'a message');
    const rows: ReplyRow[] = [];
    for (let length = readInt(cursor); length !== END_OF_LIST; length = readInt(cursor)) {
      if (length < 0 || rows.length >= LIMITS.batchRows) throw invalid(`a row starts with ${length}`);
      rows.push(readRow(cursor, length));
    }
    queue.drop(cursor);
    return { code, message, rows };
  };

  return {
    get isInside() {
      return queue.length > 0;
    },
    push: (piece) => {
      queue.push(piece);
      const frames: ReplyFrame[] = [];
      while (queue.length > 0 && queue.length >= waitFor) {
        try {
          frames.push(readFrame());
          waitFor = 0;
        } catch (error) {
          if (!(error instanceof MoreNeeded)) throw error;
          waitFor = error.bytes;
        }
      }
      return frames;
    },
  };
}
