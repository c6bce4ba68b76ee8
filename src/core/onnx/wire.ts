import { EisenError } from '../errors/error.js';
import type { ByteSource } from '../files/byte-source.js';

/** A part of a source that holds one protobuf message. */
export interface WireRange {
  readonly start: number;
  readonly end: number;
}

/** One field of a message. For wire type 2 [start, end) is its payload; for the others `value` is the number. */
export interface WireField extends WireRange {
  readonly number: number;
  readonly wireType: 0 | 1 | 2 | 5;
  /** Where the tag of the field begins. */
  readonly tagStart: number;
  /** Exact for varints below 2^53; a larger one (a negative int64 among them) is a bigint. */
  readonly value: number | bigint;
}

/** Walks protobuf without building anything: bytes are looked at in place and skipped when nobody asks for them. */
export interface WireReader {
  readonly source: ByteSource;
  readonly where: string;
  /** The fields of the message in `range`, in file order. Throws ONNX_INVALID at the first byte that cannot be one. */
  fields(range: WireRange): Generator<WireField>;
  /** A copy of the payload of a field; throws when it is longer than `limitBytes`. */
  bytes(range: WireRange, limitBytes: number): Uint8Array;
  /** The payload as UTF-8 text; throws when it is longer than `limitBytes` or not UTF-8. */
  text(range: WireRange, limitBytes?: number): string;
}

const WINDOW_BYTES = 32 * 1024;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

export function invalidOnnx(where: string, offset: number, message: string): EisenError {
  return new EisenError('ONNX_INVALID', `${where}: byte ${offset}: ${message}`, {
    where: `${where} at byte ${offset}`,
  });
}

export function createWireReader(source: ByteSource, where: string): WireReader {
  let windowStart = 0;
  let window: Uint8Array = new Uint8Array(0);

  const byteAt = (offset: number, end: number): number => {
    if (offset >= end) throw invalidOnnx(where, offset, 'the message ends inside a field.');
    if (offset < windowStart || offset >= windowStart + window.length) {
      window = new Uint8Array(source.read(offset, WINDOW_BYTES));
      windowStart = offset;
      if (window.length === 0) throw invalidOnnx(where, offset, 'the file ends inside a field.');
    }
    return window[offset - windowStart]!;
  };

  const varint = (offset: number, end: number): { value: number | bigint; next: number } => {
    let value = 0;
    for (let n = 0; n < 7; n += 1) {
      const byte = byteAt(offset + n, end);
      value += (byte & 0x7f) * 2 ** (7 * n);
      if (byte < 0x80) return { value, next: offset + n + 1 };
    }
    let wide = BigInt(value);
    for (let n = 7; n < 10; n += 1) {
      const byte = byteAt(offset + n, end);
      wide += BigInt(byte & 0x7f) << BigInt(7 * n);
      if (byte < 0x80) return { value: wide <= Number.MAX_SAFE_INTEGER ? Number(wide) : wide, next: offset + n + 1 };
    }
    throw invalidOnnx(where, offset, 'a number is longer than 10 bytes.');
  };

  const copy = (range: WireRange, limitBytes: number): Uint8Array => {
    const length = range.end - range.start;
    if (length > limitBytes) {
      throw invalidOnnx(where, range.start, `a field has ${length} bytes; at most ${limitBytes} are accepted here.`);
    }
    return new Uint8Array(source.read(range.start, length));
  };

  return {
    source,
    where,
    *fields(range) {
      let offset = range.start;
      while (offset < range.end) {
        const tagStart = offset;
        const tag = varint(offset, range.end);
        const number = Math.floor(Number(tag.value) / 8);
        const wireType = Number(tag.value) % 8;
        if (number < 1 || number > 536_870_911)
          throw invalidOnnx(where, tagStart, `field number ${number} is not legal.`);
        offset = tag.next;
        if (wireType === 0) {
          const { value, next } = varint(offset, range.end);
          yield { number, wireType, tagStart, value, start: offset, end: next };
          offset = next;
          continue;
        }
        if (wireType !== 1 && wireType !== 2 && wireType !== 5) {
          throw invalidOnnx(where, tagStart, `wire type ${wireType} is not one that ONNX uses.`);
        }
        let length = wireType === 1 ? 8 : 4;
        if (wireType === 2) {
          const declared = varint(offset, range.end);
          length = Number(declared.value);
          offset = declared.next;
        }
        if (length > range.end - offset) {
          throw invalidOnnx(where, tagStart, `field ${number} claims ${length} bytes; ${range.end - offset} are left.`);
        }
        yield { number, wireType, tagStart, value: length, start: offset, end: offset + length };
        offset += length;
      }
    },
    bytes: copy,
    text(range, limitBytes = 64 * 1024) {
      const bytes = copy(range, limitBytes);
      try {
        return UTF8.decode(bytes);
      } catch {
        throw invalidOnnx(where, range.start, 'a name is not valid UTF-8.');
      }
    },
  };
}

/** A varint field read as int64: protobuf writes negative numbers as ten bytes. Throws when it is past 2^53. */
export function asInt64(reader: WireReader, field: WireField): number {
  if (typeof field.value === 'number') return field.value;
  const signed = BigInt.asIntN(64, field.value);
  const value = Number(signed);
  if (!Number.isSafeInteger(value))
    throw invalidOnnx(reader.where, field.start, `the number ${signed} is out of range.`);
  return value;
}
