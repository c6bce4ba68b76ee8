/** Bytes of a non-negative number below 2^53 as a protobuf varint. */
export function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** Tag of a field followed by a number. */
export function encodeVarintField(number: number, value: number): Uint8Array {
  return joinBytes([encodeVarint(number * 8), encodeVarint(value)]);
}

/** Tag and length that stand before the payload of a length-delimited field. */
export function encodeLengthPrefix(number: number, length: number): Uint8Array {
  return joinBytes([encodeVarint(number * 8 + 2), encodeVarint(length)]);
}

/** A whole length-delimited field: text, bytes or an encoded message. */
export function encodeField(number: number, payload: string | Uint8Array): Uint8Array {
  const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
  return joinBytes([encodeLengthPrefix(number, bytes.length), bytes]);
}

/** Small pieces joined; never used for weights. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.length;
  }
  return joined;
}
