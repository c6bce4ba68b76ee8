import type { FieldFacts } from '../transforms/field-ledger.js';
import type { PossibleShape } from '../transforms/possible-shapes.js';

/** A kind of file that a field of a request may be. */
export interface FileCandidate {
  readonly type: 'nifti' | 'dicom' | 'image';
  readonly words: string;
  readonly shape: PossibleShape;
  readonly geometry: FieldFacts['geometry'];
}

const voxels = (count: number): 'spatial'[] => new Array<'spatial'>(count).fill('spatial');
const volumes: readonly FileCandidate[] = [
  { type: 'nifti', words: 'a volume', shape: voxels(3), geometry: 'known' },
  { type: 'nifti', words: 'a series of volumes', shape: [...voxels(3), null], geometry: 'known' },
  { type: 'nifti', words: 'a volume with five axes', shape: [...voxels(3), null, null], geometry: 'known' },
];
const pictures: readonly FileCandidate[] = [
  { type: 'image', words: 'a grey picture', shape: voxels(2), geometry: 'none' },
  { type: 'image', words: 'a coloured picture', shape: [...voxels(2), null], geometry: 'none' },
];

/** What the steps that read files take, the likeliest first. */
export const FILE_CANDIDATES: Readonly<Record<string, readonly FileCandidate[]>> = {
  LoadImage: [...volumes, ...pictures],
  LoadNiftiFromFilename: volumes,
  LoadITKFromFilename: volumes,
  LoadPILImageFromFilename: pictures,
  LoadDICOMFromFilename: [...volumes, ...pictures].map((candidate) => ({ ...candidate, type: 'dicom' })),
};
