/** Kept from one message to the next; what does not fit is allocated for its message alone. */
const KEPT_BYTES = 160 * 1024 * 1024;
const DATA_KEY = Buffer.from([0xa4, 0x64, 0x61, 0x74, 0x61]);

/** Where the payload of the first array in a msgpack body starts, 0 when there is none near the start. */
export function findPayload(head: Uint8Array): number {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const key = bytes.indexOf(DATA_KEY);
  if (key < 0) return 0;
  const marker = bytes[key + 5];
  const lengthBytes = marker === 0xc4 ? 1 : marker === 0xc5 ? 2 : marker === 0xc6 ? 4 : 0;
  return lengthBytes === 0 ? 0 : key + 6 + lengthBytes;
}

/**
 * Memory for the values of one message at a time. `take` gives `count` bytes placed so that the array inside of them can
 * be viewed in place: its payload lands on a multiple of eight. The memory is used again after `reset`; fresh pages
 * would cost more than the copy into them.
 */
export interface ReceiveBuffer {
  take(count: number, head: Uint8Array): Uint8Array;
  reset(): void;
}

export function createReceiveBuffer(): ReceiveBuffer {
  let memory = new ArrayBuffer(64 * 1024);
  let used = 0;

  const grow = (bytes: number): void => {
    let size = memory.byteLength;
    while (size < bytes) size *= 2;
    memory = new ArrayBuffer(Math.min(size, Math.max(bytes, KEPT_BYTES)));
    used = 0;
  };

  return {
    take: (count, head) => {
      const pad = (8 - (findPayload(head) % 8)) % 8;
      const bytes = count + 16;
      if (bytes > KEPT_BYTES) return new Uint8Array(new ArrayBuffer(bytes), pad, count);
      if (used + bytes > memory.byteLength) grow(used + bytes);
      const start = used + pad;
      used = Math.ceil((start + count) / 8) * 8;
      return new Uint8Array(memory, start, count);
    },
    reset: () => {
      used = 0;
    },
  };
}
