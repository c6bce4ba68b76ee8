/** One kind of file: its words, and what its first bytes are. */
type Kind = readonly [kind: string, test: (head: Buffer, text: string) => boolean];

const starts =
  (...marks: readonly string[]) =>
  (_: Buffer, text: string): boolean =>
    marks.some((mark) => text.startsWith(mark));

const holds =
  (offset: number, mark: string) =>
  (_: Buffer, text: string): boolean =>
    text.startsWith(mark, offset);

/** A text in UTF-8 without control characters; the last character may be cut in two. */
function isText(head: Buffer): boolean {
  const text = head.toString('utf8').slice(0, -1);
  return !/[^\P{Cc}\t\n\f\r]|\uFFFD/u.test(text);
}

/** ir_version as the first field, then the producer, the domain or the graph: how every exporter begins. */
const isOnnx = (head: Buffer): boolean =>
  head[0] === 0x08 && head[1]! > 0 && head[1]! < 0x40 && [0x12, 0x1a, 0x22, 0x28, 0x3a, 0x42].includes(head[2]!);

/** A NIfTI-1 or -2 header begins with its own length, in either byte order. */
const isNifti = (head: Buffer): boolean =>
  head.length >= 4 && [348, 540].some((bytes) => head.readInt32LE(0) === bytes || head.readInt32BE(0) === bytes);

export const UNKNOWN_KIND = 'a file of no known kind';
export const ONNX_KIND = 'an ONNX model';

/** The first that fits counts. Marks are from the specification of each format. */
const KINDS: readonly Kind[] = [
  ['a PNG picture', starts('\x89PNG')],
  ['a JPEG picture', starts('\xff\xd8\xff')],
  ['a GIF picture', starts('GIF8')],
  ['a TIFF picture', starts('II*\0', 'MM\0*')],
  ['a PDF document', starts('%PDF')],
  ['a gzip file', starts('\x1f\x8b')],
  [
    'a PyTorch or TorchScript model (a zip file of Python pickles)',
    (_, text) => text.startsWith('PK') && /^.{30}[^\0]*\/(data|constants)\.pkl/s.test(text),
  ],
  ['a zip file', starts('PK\x03\x04', 'PK\x05\x06')],
  ['an xz file', starts('\xfd7zXZ')],
  ['a bzip2 file', starts('BZh')],
  ['a zstd file', starts('\x28\xb5\x2f\xfd')],
  ['a 7z file', starts('7z\xbc\xaf')],
  ['an HDF5 file (Keras models are kept so)', starts('\x89HDF\r\n')],
  ['a numpy array (.npy)', starts('\x93NUMPY')],
  ['a Python pickle (old PyTorch models are kept so)', starts('\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05')],
  ['an ORT model, the engine’s own format', holds(4, 'ORTM')],
  ['a TensorFlow Lite model', holds(4, 'TFL3')],
  [
    'a safetensors file',
    (head, text) => head.length > 9 && head.readUInt16LE(6) === 0 && /^\{\s*"/.test(text.slice(8)),
  ],
  ['a GGUF model', starts('GGUF')],
  ['a program (ELF)', starts('\x7fELF')],
  ['a tar that is not gzipped', holds(257, 'ustar')],
  ['a DICOM file', holds(128, 'DICM')],
  ['a NIfTI volume', isNifti],
  [ONNX_KIND, isOnnx],
  ['a web page', (_, text) => /^\s*<(!doctype html|html)/i.test(text)],
  ['XML', (_, text) => /^\s*<\?xml/.test(text)],
  ['a Git LFS pointer: fetch the file itself with git lfs pull', starts('version https://git-lfs')],
  ['JSON', (head, text) => /^\s*[[{]/.test(text) && isText(head)],
  ['a text', isText],
];

/** Bytes of a file that `describeContent` looks at. */
export const KIND_BYTES = 512;

/** What a file is, in words, by its first bytes: never by its name. `head` may be longer or shorter than KIND_BYTES. */
export function describeContent(head: Uint8Array): string {
  if (head.length === 0) return 'an empty file';
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, KIND_BYTES));
  const text = bytes.toString('latin1');
  return KINDS.find(([, test]) => test(bytes, text))?.[0] ?? UNKNOWN_KIND;
}
