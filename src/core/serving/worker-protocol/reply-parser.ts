import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';
import { END_OF_LIST, type Header, type ReplyFrame, type ReplyRow, STREAM_HEADER } from './frames.js';
import { createPieceQueue, type PieceCursor } from './piece-queue.js';

/** Turns the bytes of a worker, as they arrive, into replies. Bodies are views of the pieces that arrived. */
export interface ReplyParser {
  /**
   * Replies, or parts of one, that are here with this piece; each is looked for when the one before it has been dealt with.
   * Throws WORKER_PROTOCOL for damaged bytes, LIMIT_EXCEEDED past the limit.
   */
  push(piece: Buffer): Iterable<ReplyFrame>;
  /** True while a reply has begun and not ended. */
  readonly isInside: boolean;
}

/** A longer body need not be here in full before it is handed on: so much at once, what each part costs weighs little then. */
const PART_BYTES = 2 * 1024 * 1024;

/** A reply whose body is being handed on. */
interface Passage {
  /** Its first part: everything but bytes. */
  readonly row: ReplyRow & Required<Pick<ReplyRow, 'part'>>;
  left: number;
}

class MoreNeeded {
  constructor(readonly bytes: number) {}
}

/** A reply that says by a header whether more of it follows is counted by that header alone. */
function isOfOneFrame(headers: readonly Header[]): boolean {
  return !headers.some(([name]) => name === STREAM_HEADER);
}

function invalid(what: string): EisenError {
  return new EisenError('WORKER_PROTOCOL', `The reply of the worker is damaged: ${what}.`);
}

export interface ReplyParserOptions {
  /** Bounds one reply body, as TorchServe's max_response_size does. */
  readonly limitBytes: number;
  /** Whether the reply to this request, which arrives now, may come in several frames, each with a part of its body. */
  readonly mayPassOn?: (requestId: string) => boolean;
}

export function createReplyParser({ limitBytes, mayPassOn = () => false }: ReplyParserOptions): ReplyParser {
  const reader = createPieceQueue();
  const { queue } = reader;
  let waitFor = 0;
  let passage: Passage | null = null;

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
  const readRow = (cursor: PieceCursor, idBytes: number, canPassOn: boolean): ReplyRow => {
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
    const row = { requestId, contentType, status, reason, headers };
    const isHere = cursor.at + bytes + 4 <= queue.length;
    if (!isHere && canPassOn && bytes > PART_BYTES && isOfOneFrame(headers) && mayPassOn(requestId)) {
      const first = { ...row, body: [], part: { totalBytes: bytes, isLast: false } };
      passage = { row: first, left: bytes };
      return first;
    }
    need(cursor, bytes + 4);
    return { ...row, body: reader.readPieces(cursor, bytes) };
  };
  /** The next part of the body that is being handed on; the last one when the end of the reply is here too. */
  const readPart = (passed: Passage): ReplyFrame => {
    const cursor = queue.cursor();
    const bytes = Math.min(passed.left, queue.length);
    if (bytes < Math.min(passed.left, PART_BYTES)) throw new MoreNeeded(Math.min(passed.left, PART_BYTES));
    const body = reader.readPieces(cursor, bytes);
    const isLast = bytes === passed.left;
    if (isLast) {
      if (readInt(cursor) !== END_OF_LIST) throw invalid('something follows its only row');
      passage = null;
    }
    passed.left -= bytes;
    queue.drop(cursor);
    return { code: 200, message: '', rows: [{ ...passed.row, body, part: { ...passed.row.part, isLast } }] };
  };
  const readFrame = (): ReplyFrame => {
    const cursor = queue.cursor();
    const code = readInt(cursor);
    const message = readText(cursor, 'a message');
    const rows: ReplyRow[] = [];
    for (let length = readInt(cursor); length !== END_OF_LIST; length = readInt(cursor)) {
      if (length < 0 || rows.length >= LIMITS.batchRows) throw invalid(`a row starts with ${length}`);
      rows.push(readRow(cursor, length, code === 200 && rows.length === 0));
      if (passage !== null) break;
    }
    queue.drop(cursor);
    return { code, message, rows };
  };

  function* readFrames(): Generator<ReplyFrame> {
    while (queue.length > 0 && queue.length >= waitFor) {
      let frame: ReplyFrame;
      try {
        frame = passage === null ? readFrame() : readPart(passage);
      } catch (error) {
        if (!(error instanceof MoreNeeded)) throw error;
        waitFor = error.bytes;
        continue;
      }
      waitFor = 0;
      yield frame;
    }
  }

  return {
    get isInside() {
      return queue.length > 0 || passage !== null;
    },
    push: (piece) => {
      queue.push(piece);
      return readFrames();
    },
  };
}
