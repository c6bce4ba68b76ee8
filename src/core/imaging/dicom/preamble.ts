/** Where a DICOM file begins. */
export interface DicomStart {
  readonly at: number;
  /** A file header (group 2) stands there, which names the transfer syntax. */
  readonly fileHeader: boolean;
  /** Whether a data set without file header spells its value representations. */
  readonly explicit: boolean;
}

const FIRST_GROUPS = new Set([0x0002, 0x0008]);
const SHORT_VR = /^(?:AE|AS|CS|DA|DS|DT|IS|LO|LT|OB|OW|PN|SH|SQ|ST|TM|UI|UL|UN|US|UT)$/;

/**
 * Finds the start of a DICOM file: after 128 bytes of preamble and 'DICM', or, in files older than part 10, at once, told
 * by a first element that can stand nowhere else: group 2 or 8, little-endian, of a sane length.
 */
export function findStart(bytes: Uint8Array): DicomStart | undefined {
  if (bytes.length > 132 && Buffer.from(bytes.subarray(128, 132)).toString('latin1') === 'DICM') {
    const group = bytes[132]! + bytes[133]! * 256;
    if (group === 2) return { at: 132, fileHeader: true, explicit: true };
    return { at: 132, fileHeader: false, explicit: isExplicit(bytes, 132) };
  }
  if (bytes.length < 64) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [group, element] = [view.getUint16(0, true), view.getUint16(2, true)];
  if (!FIRST_GROUPS.has(group) || element > 0x00ff) return undefined;
  const explicit = isExplicit(bytes, 0);
  const length = explicit ? view.getUint16(6, true) : view.getUint32(4, true);
  if (length % 2 !== 0 || length > 1024 || 8 + length + 8 > bytes.length) return undefined;
  const next = view.getUint16(8 + length, true);
  if (next !== group && !(next > group && next <= 0x0028)) return undefined;
  return { at: 0, fileHeader: group === 2, explicit };
}

/** True when the element at a place spells its value representation. */
export function isExplicit(bytes: Uint8Array, at: number): boolean {
  return SHORT_VR.test(Buffer.from(bytes.subarray(at + 4, at + 6)).toString('latin1'));
}

export function looksLikeDicom(bytes: Uint8Array): boolean {
  return findStart(bytes) !== undefined;
}
