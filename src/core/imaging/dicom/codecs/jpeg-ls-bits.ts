/** Reads the bits of a JPEG-LS scan, most significant first; a byte behind 0xff has seven (ITU T.87 A.1). */
export interface LsBits {
  /** At most 24 bits as one number. */
  readonly read: (count: number) => number;
  /** Zeros before the next one, which is taken too; more than `most` count as `most` + 1. */
  readonly countZeros: (most: number) => number;
  /** Bits were taken from behind the end of the scan. */
  readonly exhausted: () => boolean;
}

export function createLsBits(bytes: Uint8Array, from: number): LsBits {
  let at = from;
  let held = 0;
  let bits = 0;
  let padded = 0;
  let afterFf = false;

  function fill(): void {
    while (bits <= 23) {
      const byte = at < bytes.length ? bytes[at]! : 0xff;
      const marker = at >= bytes.length || (byte === 0xff && (at + 1 >= bytes.length || bytes[at + 1]! > 127));
      const width = afterFf ? 7 : 8;
      if (marker) {
        held <<= width;
        padded += width;
        afterFf = false;
      } else {
        held = (held << width) | byte;
        at += 1;
        afterFf = byte === 0xff;
      }
      bits += width;
    }
  }

  function read(count: number): number {
    if (count === 0) return 0;
    fill();
    bits -= count;
    return (held >>> bits) & ((1 << count) - 1);
  }

  function countZeros(most: number): number {
    let zeros = 0;
    for (;;) {
      fill();
      const ahead = bits === 32 ? held : held & ((1 << bits) - 1);
      const found = ahead === 0 ? bits : Math.clz32(ahead) - (32 - bits);
      zeros += found;
      if (ahead !== 0) {
        bits -= found + 1;
        return zeros > most ? most + 1 : zeros;
      }
      bits = 0;
      if (zeros > most) return most + 1;
    }
  }

  return { read, countZeros, exhausted: () => padded > bits };
}
