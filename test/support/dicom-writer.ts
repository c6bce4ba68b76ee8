/** One element to write: its tag, value representation and value; a list of data sets makes a sequence. */
export type DicomElement = readonly [tag: number, vr: string, value: string | number | Uint8Array | DicomElement[][]];

const LONG = new Set(['OB', 'OW', 'OF', 'SQ', 'UN']);

function encodeValue(vr: string, value: DicomElement[2], explicit: boolean): Buffer {
  if (Array.isArray(value)) {
    const items = value.map((item) => encodeDataset(item, { explicit }));
    return Buffer.concat(items.flatMap((item) => [head(0xfffee000, item.length), item]));
  }
  if (typeof value === 'number') {
    const out = Buffer.alloc(2);
    out.writeUInt16LE(value);
    return out;
  }
  const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : Buffer.from(value);
  const pad = vr === 'UI' || typeof value !== 'string' ? 0 : 32;
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.of(pad)]);
}

function head(tag: number, length: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeUInt16LE(tag >>> 16, 0);
  out.writeUInt16LE(tag & 0xffff, 2);
  out.writeUInt32LE(length >>> 0, 4);
  return out;
}

/** A data set, little-endian; elements are written in the order of their tags. */
export function encodeDataset(elements: readonly DicomElement[], { explicit = true } = {}): Buffer {
  const sorted = elements.toSorted((a, b) => a[0] - b[0]);
  return Buffer.concat(
    sorted.flatMap(([tag, vr, value]) => {
      const body = encodeValue(vr, value, explicit);
      const start = head(tag, body.length);
      if (!explicit) return [start, body];
      start.write(vr, 4, 'latin1');
      if (!LONG.has(vr)) {
        start.writeUInt16LE(body.length, 6);
        return [start, body];
      }
      start.writeUInt16LE(0, 6);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(body.length);
      return [start, length, body];
    }),
  );
}

/** A part 10 file: preamble, file header with the transfer syntax, data set. */
export function encodeDicom(
  elements: readonly DicomElement[],
  { syntax = '1.2.840.10008.1.2.1', preamble = true }: { syntax?: string; preamble?: boolean } = {},
): Uint8Array {
  const explicit = syntax !== '1.2.840.10008.1.2';
  const meta = encodeDataset([[0x00020010, 'UI', syntax]]);
  const start = preamble ? Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), meta]) : Buffer.alloc(0);
  return new Uint8Array(Buffer.concat([start, encodeDataset(elements, { explicit })]));
}

/** Compressed pixels: an empty offset table and one fragment, as the value of an element of undefined length. */
export function encapsulate(frame: Uint8Array): Uint8Array {
  const even = frame.length % 2 === 0 ? Buffer.from(frame) : Buffer.concat([frame, Buffer.of(0)]);
  const open = Buffer.alloc(12);
  head(0x7fe00010, 0).copy(open);
  open.write('OB', 4, 'latin1');
  open.writeUInt16LE(0, 6);
  open.writeUInt32LE(0xffffffff, 8);
  const end = head(0xfffee0dd, 0);
  return new Uint8Array(Buffer.concat([open, head(0xfffee000, 0), head(0xfffee000, even.length), even, end]));
}

/** What every grey picture of `columns` × `rows` pixels needs. */
export function greyPicture(
  pixels: Uint8Array | Int16Array | Uint16Array,
  { rows, columns, frames }: { rows: number; columns: number; frames?: number },
): DicomElement[] {
  const bits = pixels.BYTES_PER_ELEMENT * 8;
  const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  return [
    [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.2'],
    [0x00080060, 'CS', 'CT'],
    [0x0020000e, 'UI', '1.2.3'],
    [0x00280002, 'US', 1],
    [0x00280004, 'CS', 'MONOCHROME2'],
    ...(frames ? [[0x00280008, 'IS', String(frames)] as DicomElement] : []),
    [0x00280010, 'US', rows],
    [0x00280011, 'US', columns],
    [0x00280100, 'US', bits],
    [0x00280101, 'US', bits],
    [0x00280102, 'US', bits - 1],
    [0x00280103, 'US', pixels instanceof Int16Array ? 1 : 0],
    [0x7fe00010, bits === 8 ? 'OB' : 'OW', bytes],
  ];
}

/** Where a plane lies: position and orientation in mm, LPS+. */
export function placeAt(
  position: readonly number[],
  { orientation = [1, 0, 0, 0, 1, 0], spacing = [1, 1] }: { orientation?: number[]; spacing?: number[] } = {},
): DicomElement[] {
  return [
    [0x00200032, 'DS', position.join('\\')],
    [0x00200037, 'DS', orientation.join('\\')],
    [0x00280030, 'DS', spacing.join('\\')],
  ];
}
