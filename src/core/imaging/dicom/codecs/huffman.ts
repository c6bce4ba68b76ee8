/** A Huffman table of JPEG: for each length the first code, how many there are and where their values lie. */
export interface HuffmanTable {
  readonly firstCode: Int32Array;
  readonly counts: Uint8Array;
  readonly firstValue: Int32Array;
  readonly values: Uint8Array;
  /** For every start of eight bits the length of its code × 256 + its value; 0 for longer codes. */
  readonly short: Uint16Array;
}

/** Builds a table from the counts of codes of 1 to 16 bits and their values (ITU T.81 annex C). */
export function buildHuffman(counts: Uint8Array, values: Uint8Array): HuffmanTable {
  const firstCode = new Int32Array(17);
  const firstValue = new Int32Array(17);
  const lengths = new Uint8Array(17);
  const short = new Uint16Array(256);
  let code = 0;
  let value = 0;
  for (let length = 1; length <= 16; length += 1) {
    firstCode[length] = code;
    firstValue[length] = value;
    lengths[length] = counts[length - 1]!;
    for (let n = 0; n < lengths[length]! && length <= 8; n += 1) {
      const from = (code + n) << (8 - length);
      short.fill(length * 256 + values[value + n]!, from, from + (1 << (8 - length)));
    }
    code = (code + lengths[length]!) << 1;
    value += lengths[length]!;
  }
  return { firstCode, counts: lengths, firstValue, values, short };
}

/** Reads bits of entropy-coded data, most significant first, over stuffed zero bytes; zeros behind the end. */
export interface BitReader {
  /** The next Huffman value, or -1 for a code that the table has not. */
  readonly decode: (table: HuffmanTable) => number;
  /** A difference of at most 16 bits, as ITU T.81 F.2.2.1 extends it. */
  readonly receive: (size: number) => number;
  /** Steps over a restart marker; false when there is none. */
  readonly restart: () => boolean;
  /** Bits were taken from behind the end of the data. */
  readonly exhausted: () => boolean;
}

export function createBitReader(bytes: Uint8Array, from: number): BitReader {
  let at = from;
  let held = 0;
  let bits = 0;
  let padded = 0;

  function fill(): void {
    while (bits <= 16) {
      const byte = at < bytes.length ? bytes[at]! : 0xff;
      if (byte === 0xff && bytes[at + 1] !== 0) {
        held <<= 8;
        padded += 8;
      } else {
        held = (held << 8) | byte;
        at += byte === 0xff ? 2 : 1;
      }
      bits += 8;
    }
  }

  function receive(size: number): number {
    if (size === 0) return 0;
    fill();
    bits -= size;
    const value = (held >>> bits) & ((1 << size) - 1);
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  function decode({ firstCode, counts, firstValue, values, short }: HuffmanTable): number {
    fill();
    const next = (held >>> (bits - 16)) & 0xffff;
    const found = short[next >> 8]!;
    if (found !== 0) {
      bits -= found >> 8;
      return found & 255;
    }
    for (let length = 1; length <= 16; length += 1) {
      const rank = (next >> (16 - length)) - firstCode[length]!;
      if (rank >= 0 && rank < counts[length]!) {
        bits -= length;
        return values[firstValue[length]! + rank]!;
      }
    }
    return -1;
  }

  function restart(): boolean {
    held = 0;
    bits = 0;
    padded = 0;
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at += 1;
    if (bytes[at] !== 0xff || !(bytes[at + 1]! >= 0xd0 && bytes[at + 1]! <= 0xd7)) return false;
    at += 2;
    return true;
  }

  return { decode, receive, restart, exhausted: () => padded > bits };
}
