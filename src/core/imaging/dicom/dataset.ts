import { inflateRawSync } from 'node:zlib';
import { dicomError, unsupportedError } from './dicom-error.js';
import { findStart, isExplicit } from './preamble.js';
import { TAG, tagText } from './tags.js';
import { nameOfRefused, TRANSFER_SYNTAXES, type TransferSyntax } from './transfer-syntaxes.js';

/** One data element: its raw bytes, or the items of a sequence, or the fragments of encapsulated pixels. */
export interface Element {
  readonly vr: string;
  readonly bytes: Uint8Array;
  readonly items?: readonly Dataset[];
  readonly fragments?: readonly Uint8Array[];
}

export type Dataset = ReadonlyMap<number, Element>;

export interface DicomFile {
  readonly name: string;
  readonly dataset: Dataset;
  readonly transferSyntax: string;
  readonly littleEndian: boolean;
}

const IMPLICIT = '1.2.840.10008.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';
const UNDEFINED = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const MAX_DEPTH = 16;
const MAX_ELEMENTS = 1_000_000;
const MAX_INFLATED = 2 ** 31;
const LONG_VR = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const KNOWN_SEQUENCES: ReadonlySet<number> = new Set([
  ...[TAG.sharedGroups, TAG.frameGroups, TAG.planePositions],
  ...[TAG.planeOrientations, TAG.pixelMeasures, TAG.valueTransformations],
]);

/**
 * Parses a DICOM file: part 10, or a bare data set as older archives write it, without preamble or without its file
 * header. Every declared length is checked against the bytes there are. Throws DICOM_INVALID, and DICOM_UNSUPPORTED for
 * a transfer syntax that is not read.
 */
export function parseDicom(bytes: Uint8Array, name: string): DicomFile {
  const start = findStart(bytes);
  if (!start) throw dicomError(name, "there is no 'DICM' at byte 128", 'This is no DICOM file.');
  const meta = createWalker({ bytes, name, explicit: true, little: true });
  const head = start.fileHeader
    ? meta.readDataset({ from: start.at, to: bytes.length, depth: 0, onlyGroup: 2 })
    : { dataset: new Map<number, Element>(), end: start.at };
  const syntax = head.dataset.get(TAG.transferSyntax);
  const transferSyntax = syntax ? trimText(syntax.bytes) : start.explicit ? EXPLICIT : IMPLICIT;
  const form = TRANSFER_SYNTAXES.get(transferSyntax);
  if (!form) {
    throw unsupportedError(
      name,
      `the transfer syntax is '${transferSyntax}', ${nameOfRefused(transferSyntax)}, which is not read here`,
      'Decompress the series first, for example with gdcmconv --raw or dcmdjpeg.',
    );
  }
  const { body, from } = openBody(bytes, head.end, { form, name });
  // Some writers announce explicit value representations and leave them out.
  const explicit = form.explicit && (body.length === from || !form.little || isExplicit(body, from));
  const walker = createWalker({ bytes: body, name, explicit, little: form.little });
  const { dataset } = walker.readDataset({ from, to: body.length, depth: 0 });
  return { name, dataset, transferSyntax, littleEndian: form.little };
}

function trimText(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/[\0 ]+$/, '');
}

function openBody(
  bytes: Uint8Array,
  from: number,
  { form, name }: { readonly form: TransferSyntax; readonly name: string },
): { body: Uint8Array; from: number } {
  if (!form.deflated) return { body: bytes, from };
  try {
    return { body: inflateRawSync(bytes.subarray(from), { maxOutputLength: MAX_INFLATED }), from: 0 };
  } catch {
    throw dicomError(name, 'the deflated data set is damaged or too large');
  }
}

interface Source {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly explicit: boolean;
  readonly little: boolean;
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  readonly onlyGroup?: number;
}

interface Walker {
  readonly readDataset: (range: Range) => { dataset: Dataset; end: number };
  readonly readItems: (range: Range & { closed: boolean }) => { element: Element; end: number };
}

interface Head {
  readonly tag: number;
  readonly vr: string;
  readonly length: number;
  readonly start: number;
}

function createWalker({ bytes, name, explicit, little }: Source): Walker {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let count = 0;

  function need(at: number, length: number, what: string): void {
    if (at + length > bytes.length) throw dicomError(name, `${what} at byte ${at} reaches past the end of the file`);
  }

  function readTag(at: number): number {
    need(at, 8, 'an element');
    return view.getUint16(at, little) * 0x10000 + view.getUint16(at + 2, little);
  }

  function readHead(at: number): Head {
    const tag = readTag(at);
    if (!explicit || tag >>> 16 === 0xfffe) {
      const vr = KNOWN_SEQUENCES.has(tag) ? 'SQ' : 'UN';
      return { tag, vr, length: view.getUint32(at + 4, little), start: at + 8 };
    }
    const vr = String.fromCharCode(bytes[at + 4]!, bytes[at + 5]!);
    if (!/^[A-Z]{2}$/.test(vr))
      throw dicomError(name, `element ${tagText(tag)} at byte ${at} has no value representation`);
    if (!LONG_VR.has(vr)) return { tag, vr, length: view.getUint16(at + 6, little), start: at + 8 };
    need(at, 12, 'an element');
    return { tag, vr, length: view.getUint32(at + 8, little), start: at + 12 };
  }

  function readDataset({ from, to, depth, onlyGroup }: Range): { dataset: Dataset; end: number } {
    if (depth > MAX_DEPTH) throw dicomError(name, `sequences are nested deeper than ${MAX_DEPTH}`);
    const dataset = new Map<number, Element>();
    let at = from;
    while (at < to) {
      if (onlyGroup !== undefined && at + 2 <= bytes.length && view.getUint16(at, little) !== onlyGroup) break;
      const head = readHead(at);
      if (head.tag === ITEM_END) return { dataset, end: head.start };
      count += 1;
      if (count > MAX_ELEMENTS) throw dicomError(name, `there are more than ${MAX_ELEMENTS} elements`);
      const { element, end } = readElement(head, depth);
      dataset.set(head.tag, element);
      at = end;
    }
    return { dataset, end: at };
  }

  function readElement({ tag, vr, length, start }: Head, depth: number): { element: Element; end: number } {
    if (length === UNDEFINED) {
      if (tag === TAG.pixelData) return readFragments(start);
      if (vr !== 'SQ' && vr !== 'UN') throw dicomError(name, `element ${tagText(tag)} of type ${vr} has no length`);
      // A sequence of unknown type is written in the implicit form whatever the file's own form (PS3.5 6.2.2).
      const walker = vr === 'UN' && explicit ? createWalker({ bytes, name, explicit: false, little: true }) : own;
      return walker.readItems({ from: start, to: bytes.length, depth, closed: true });
    }
    need(start, length, `element ${tagText(tag)} of ${length} bytes`);
    if (vr === 'SQ') return readItems({ from: start, to: start + length, depth, closed: false });
    return { element: { vr, bytes: bytes.subarray(start, start + length) }, end: start + length };
  }

  function readItems(range: Range & { closed: boolean }): { element: Element; end: number } {
    const items: Dataset[] = [];
    let at = range.from;
    while (at < range.to) {
      const head = readHead(at);
      if (range.closed && head.tag === SEQUENCE_END)
        return { element: { vr: 'SQ', bytes: bytes.subarray(0, 0), items }, end: head.start };
      if (head.tag !== ITEM)
        throw dicomError(name, `${tagText(head.tag)} stands at byte ${at} where a sequence item must begin`);
      const open = head.length === UNDEFINED;
      if (!open) need(head.start, head.length, 'a sequence item');
      const to = open ? bytes.length : head.start + head.length;
      const item = readDataset({ from: head.start, to, depth: range.depth + 1 });
      items.push(item.dataset);
      at = open ? item.end : to;
    }
    if (range.closed) throw dicomError(name, 'a sequence is not closed before the end of the file');
    return { element: { vr: 'SQ', bytes: bytes.subarray(0, 0), items }, end: range.to };
  }

  function readFragments(from: number): { element: Element; end: number } {
    const fragments: Uint8Array[] = [];
    let at = from;
    for (;;) {
      const head = readHead(at);
      if (head.tag === SEQUENCE_END)
        return { element: { vr: 'OB', bytes: bytes.subarray(0, 0), fragments }, end: head.start };
      if (head.tag !== ITEM) throw dicomError(name, `the pixel data are damaged at byte ${at}`);
      need(head.start, head.length, 'a pixel fragment');
      fragments.push(bytes.subarray(head.start, head.start + head.length));
      at = head.start + head.length;
    }
  }

  const own = { readDataset, readItems };
  return own;
}
