/**
 * Writes msgpack into pieces: small values are gathered in one growing buffer, big binary payloads become pieces of
 * their own and are never copied.
 */
export interface MsgpackWriter {
  writeNil(): void;
  writeBoolean(value: boolean): void;
  writeNumber(value: number | bigint): void;
  writeText(value: string): void;
  writeBinary(bytes: Uint8Array): void;
  writeListHeader(length: number): void;
  writeMapHeader(length: number): void;
  finish(): Uint8Array[];
}

const COPY_BELOW_BYTES = 4096;

export function createMsgpackWriter(): MsgpackWriter {
  const pieces: Uint8Array[] = [];
  let buffer = Buffer.allocUnsafe(512);
  let start = 0;
  let end = 0;

  const reserve = (bytes: number): number => {
    if (end + bytes > buffer.length) {
      cut();
      buffer = Buffer.allocUnsafe(Math.max(bytes, 2 * buffer.length));
      start = 0;
      end = 0;
    }
    const at = end;
    end += bytes;
    return at;
  };
  const cut = (): void => {
    if (end > start) pieces.push(buffer.subarray(start, end));
    start = end;
  };
  const mark8 = (marker: number, value: number): void => {
    const at = reserve(2);
    buffer[at] = marker;
    buffer[at + 1] = value;
  };
  const mark16 = (marker: number, value: number): void => {
    const at = reserve(3);
    buffer[at] = marker;
    buffer.writeUInt16BE(value, at + 1);
  };
  const mark32 = (marker: number, value: number): void => {
    const at = reserve(5);
    buffer[at] = marker;
    buffer.writeUInt32BE(value, at + 1);
  };
  const writeByte = (value: number): void => {
    // Two statements: reserve() may put another buffer in the place of this one.
    const at = reserve(1);
    buffer[at] = value;
  };

  const writeInteger = (value: number): void => {
    if (value >= -32 && value < 128) writeByte(value & 255);
    else if (value >= 0) {
      if (value < 2 ** 8) mark8(0xcc, value);
      else if (value < 2 ** 16) mark16(0xcd, value);
      else if (value < 2 ** 32) mark32(0xce, value);
      else writeBigInteger(BigInt(value));
    } else if (value >= -(2 ** 7)) mark8(0xd0, value & 255);
    else if (value >= -(2 ** 15)) mark16(0xd1, value & 0xffff);
    else if (value >= -(2 ** 31)) mark32(0xd2, value >>> 0);
    else writeBigInteger(BigInt(value));
  };
  const writeBigInteger = (value: bigint): void => {
    const at = reserve(9);
    buffer[at] = value < 0n ? 0xd3 : 0xcf;
    if (value < 0n) buffer.writeBigInt64BE(value, at + 1);
    else buffer.writeBigUInt64BE(value, at + 1);
  };

  return {
    writeNil: () => writeByte(0xc0),
    writeBoolean: (value) => writeByte(value ? 0xc3 : 0xc2),
    writeNumber: (value) => {
      if (typeof value === 'bigint') {
        const small = Number(value);
        if (Number.isSafeInteger(small)) writeInteger(small);
        else writeBigInteger(value);
      } else if (Number.isSafeInteger(value) && !Object.is(value, -0)) writeInteger(value);
      else {
        const at = reserve(9);
        buffer[at] = 0xcb;
        buffer.writeDoubleBE(value, at + 1);
      }
    },
    writeText: (value) => {
      const length = Buffer.byteLength(value);
      if (length < 32) writeByte(0xa0 | length);
      else if (length < 2 ** 8) mark8(0xd9, length);
      else if (length < 2 ** 16) mark16(0xda, length);
      else mark32(0xdb, length);
      const at = reserve(length);
      buffer.write(value, at, 'utf8');
    },
    writeBinary: (bytes) => {
      if (bytes.length < 2 ** 8) mark8(0xc4, bytes.length);
      else if (bytes.length < 2 ** 16) mark16(0xc5, bytes.length);
      else mark32(0xc6, bytes.length);
      if (bytes.length <= COPY_BELOW_BYTES) {
        const at = reserve(bytes.length);
        buffer.set(bytes, at);
      } else {
        cut();
        pieces.push(bytes);
      }
    },
    writeListHeader: (length) => {
      if (length < 16) writeByte(0x90 | length);
      else if (length < 2 ** 16) mark16(0xdc, length);
      else mark32(0xdd, length);
    },
    writeMapHeader: (length) => {
      if (length < 16) writeByte(0x80 | length);
      else if (length < 2 ** 16) mark16(0xde, length);
      else mark32(0xdf, length);
    },
    finish: () => {
      cut();
      return pieces;
    },
  };
}
