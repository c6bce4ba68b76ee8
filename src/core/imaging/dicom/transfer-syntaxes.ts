/** How the pixels of a transfer syntax are compressed. */
export type PixelCodec = 'rle' | 'jpeg' | 'jpeg-lossless' | 'jpeg-ls' | 'jpeg-2000';

export interface TransferSyntax {
  readonly explicit: boolean;
  readonly little: boolean;
  readonly deflated?: true;
  readonly codec?: PixelCodec;
}

const compressed = (codec: PixelCodec): TransferSyntax => ({ explicit: true, little: true, codec });

const ROOT = '1.2.840.10008.1.2';

/** Transfer syntaxes that are read, by their number in DICOM PS3.6. */
export const TRANSFER_SYNTAXES: ReadonlyMap<string, TransferSyntax> = new Map<string, TransferSyntax>([
  [ROOT, { explicit: false, little: true }],
  [`${ROOT}.1`, { explicit: true, little: true }],
  [`${ROOT}.1.99`, { explicit: true, little: true, deflated: true }],
  [`${ROOT}.2`, { explicit: true, little: false }],
  [`${ROOT}.5`, compressed('rle')],
  [`${ROOT}.4.50`, compressed('jpeg')],
  [`${ROOT}.4.51`, compressed('jpeg')],
  [`${ROOT}.4.57`, compressed('jpeg-lossless')],
  [`${ROOT}.4.70`, compressed('jpeg-lossless')],
  [`${ROOT}.4.80`, compressed('jpeg-ls')],
  [`${ROOT}.4.81`, compressed('jpeg-ls')],
  [`${ROOT}.4.90`, compressed('jpeg-2000')],
  [`${ROOT}.4.91`, compressed('jpeg-2000')],
  // High-throughput JPEG 2000, which OpenJPEG decodes as well.
  [`${ROOT}.4.201`, compressed('jpeg-2000')],
  [`${ROOT}.4.202`, compressed('jpeg-2000')],
  [`${ROOT}.4.203`, compressed('jpeg-2000')],
]);

const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/\.4\.(?:92|93)$/, 'JPEG 2000 of several components (part 2)'],
  [/\.4\.(?:94|95|204|205)$/, 'JPIP, pixels that lie on a server'],
  [/\.4\.10[0-8](?:\.1)?$/, 'MPEG video'],
  [/\.4\.11[0-2]$/, 'JPEG XL'],
  [/\.4\.(?:5[2-9]|6\d)$/, 'a retired JPEG process'],
];

/** What a transfer syntax that is not read is called. */
export function nameOfRefused(uid: string): string {
  return REFUSED.find(([pattern]) => uid.startsWith(`${ROOT}.`) && pattern.test(uid))?.[1] ?? 'an unknown one';
}
