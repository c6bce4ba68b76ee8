/** Bytes that have arrived and not yet been used, in the pieces of their arrival. Nothing is ever joined but numbers and texts. */
export interface PieceQueue {
  readonly length: number;
  push(piece: Buffer): void;
  /** A position to read from without using anything up. */
  cursor(): PieceCursor;
  /** Uses up everything before the cursor. */
  drop(cursor: PieceCursor): void;
}

/** A place in the queue: piece `piece`, byte `offset`; `at` counts from the start of the queue. */
export interface PieceCursor {
  at: number;
  piece: number;
  offset: number;
}

export interface PieceReader {
  readonly queue: PieceQueue;
  readInt(cursor: PieceCursor): number;
  readText(cursor: PieceCursor, bytes: number): string;
  readPieces(cursor: PieceCursor, bytes: number): Uint8Array[];
}

export function createPieceQueue(): PieceReader {
  let pieces: Buffer[] = [];
  let length = 0;
  let head = 0;

  const queue: PieceQueue = {
    get length() {
      return length;
    },
    push: (piece) => {
      if (piece.length === 0) return;
      pieces.push(piece);
      length += piece.length;
    },
    cursor: () => ({ at: 0, piece: 0, offset: head }),
    drop: (cursor) => {
      if (cursor.piece > 0) pieces = pieces.slice(cursor.piece);
      head = cursor.offset;
      length -= cursor.at;
      if (pieces.length > 0 && head === pieces[0]!.length) {
        pieces.shift();
        head = 0;
      }
    },
  };

  /** The next bytes in one piece when they lie in one, with the cursor moved; null otherwise. */
  const takeWhole = (cursor: PieceCursor, bytes: number): Buffer | null => {
    let piece = pieces[cursor.piece];
    if (piece !== undefined && cursor.offset === piece.length) {
      cursor.piece += 1;
      cursor.offset = 0;
      piece = pieces[cursor.piece];
    }
    if (piece === undefined || cursor.offset + bytes > piece.length) return null;
    const start = cursor.offset;
    cursor.offset += bytes;
    cursor.at += bytes;
    return piece.subarray(start, start + bytes);
  };
  const readPieces = (cursor: PieceCursor, bytes: number): Uint8Array[] => {
    const whole = takeWhole(cursor, bytes);
    if (whole !== null) return [whole];
    const found: Uint8Array[] = [];
    for (let left = bytes; left > 0; ) {
      const piece = pieces[cursor.piece]!;
      const part = piece.subarray(cursor.offset, cursor.offset + left);
      if (part.length > 0) found.push(part);
      left -= part.length;
      cursor.at += part.length;
      cursor.offset += part.length;
      if (left > 0) {
        cursor.piece += 1;
        cursor.offset = 0;
      }
    }
    return found;
  };
  const takeJoined = (cursor: PieceCursor, bytes: number): Buffer =>
    takeWhole(cursor, bytes) ?? Buffer.concat(readPieces(cursor, bytes));
  /** Where the next bytes start in the piece at the cursor when they lie in it, with the cursor moved; -1 otherwise. */
  const passOver = (cursor: PieceCursor, bytes: number): number => {
    const at = cursor.offset;
    const piece = pieces[cursor.piece];
    if (piece === undefined || at + bytes > piece.length) return -1;
    cursor.offset += bytes;
    cursor.at += bytes;
    return at;
  };

  return {
    queue,
    readInt: (cursor) => {
      const at = passOver(cursor, 4);
      return at < 0 ? takeJoined(cursor, 4).readInt32BE(0) : pieces[cursor.piece]!.readInt32BE(at);
    },
    readText: (cursor, bytes) => {
      if (bytes === 0) return '';
      const at = passOver(cursor, bytes);
      return at < 0
        ? takeJoined(cursor, bytes).toString('utf8')
        : pieces[cursor.piece]!.toString('utf8', at, at + bytes);
    },
    readPieces: (cursor, bytes) => (bytes === 0 ? [] : readPieces(cursor, bytes)),
  };
}
