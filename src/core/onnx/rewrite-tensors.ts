import { readTensorHead, type TensorHead } from './read-tensor.js';
import type { WireRange, WireReader } from './wire.js';
import { encodeLengthPrefix } from './wire-write.js';

/** Bytes of a rewritten model in order: new ones, and ranges of the source that stay as they are. */
export type RewrittenPiece = Uint8Array | WireRange;

type MessageKind = 'model' | 'graph' | 'node' | 'attribute' | 'tensor' | 'sparse' | 'function';

/** Which fields of which message lead to tensors. */
const DESCEND: Readonly<Record<MessageKind, Readonly<Record<number, MessageKind>>>> = {
  model: { 7: 'graph', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  function: { 7: 'node' },
  tensor: {},
};

/** A tensor on the way; `isInitializer` for the stored weights of a graph, false for constants inside nodes. */
export interface MetTensor {
  readonly head: TensorHead;
  readonly range: WireRange;
  readonly isInitializer: boolean;
}

export const isRange = (piece: RewrittenPiece): piece is WireRange => !ArrayBuffer.isView(piece);

export function piecesLength(pieces: readonly RewrittenPiece[]): number {
  return pieces.reduce((sum, piece) => sum + (isRange(piece) ? piece.end - piece.start : piece.length), 0);
}

function append(pieces: RewrittenPiece[], more: readonly RewrittenPiece[]): void {
  for (const piece of more) {
    const last = pieces.at(-1);
    if (last !== undefined && isRange(last) && isRange(piece) && last.end === piece.start) {
      pieces[pieces.length - 1] = { start: last.start, end: piece.end };
    } else pieces.push(piece);
  }
}

/**
 * Rewrites the tensors of a model for which `rewrite` gives new bytes (of the TensorProto, without its tag); null leaves
 * one as it is. The lengths of all messages around it follow. Anything else is the source, byte for byte.
 */
export function rewriteTensors(
  reader: WireReader,
  rewrite: (tensor: MetTensor) => readonly RewrittenPiece[] | null,
): readonly RewrittenPiece[] {
  const visit = (kind: MessageKind, range: WireRange, parent: MessageKind): readonly RewrittenPiece[] | null => {
    if (kind === 'tensor') {
      return rewrite({ head: readTensorHead(reader, range), range, isInitializer: parent === 'graph' });
    }
    const pieces: RewrittenPiece[] = [];
    let changed = false;
    for (const field of reader.fields(range)) {
      const below = field.wireType === 2 ? DESCEND[kind][field.number] : undefined;
      const inner = below === undefined ? null : visit(below, field, kind);
      if (inner === null) append(pieces, [{ start: field.tagStart, end: field.end }]);
      else {
        changed = true;
        append(pieces, [encodeLengthPrefix(field.number, piecesLength(inner)), ...inner]);
      }
    }
    return changed ? pieces : null;
  };
  const whole = { start: 0, end: reader.source.length };
  return visit('model', whole, 'model') ?? [whole];
}
