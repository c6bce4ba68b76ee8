/** Bytes of a pickle from pieces: text is latin-1 opcodes, numbers are bytes. */
export function pickleOf(...parts: (string | number | Uint8Array)[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === 'string' ? Buffer.from(part, 'latin1') : typeof part === 'number' ? Buffer.from([part]) : part,
    ),
  );
}

/** A dict of one entry 'x', protocol 4, around the opcodes of its value. */
export function dictOf(...value: (string | number | Uint8Array)[]): Uint8Array {
  return pickleOf('\x80\x04}\x8c\x01x', ...value, 's.');
}

export function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
