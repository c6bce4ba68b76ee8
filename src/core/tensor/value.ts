import type { NdArray } from './ndarray.js';

/** A 4×4 matrix, row-major, that takes voxel indices to millimetres in RAS+ world space. */
export type Affine = readonly number[];

/** The grid that a value came from: what RestoreGeometry goes back to and WriteNifti copies. */
export interface OriginalGrid {
  /** Lengths of the axes of the stored volume, spatial ones first. */
  readonly shape: readonly number[];
  readonly affine: Affine;
  /** The 348 or 540 header bytes of a NIfTI source, as found; absent for other formats. */
  readonly headerBytes?: Uint8Array;
  readonly source: 'nifti' | 'dicom' | 'itk' | 'array';
}

/** Where the voxels of an array lie. `spatialAxes[k]` is the axis of the array that the k-th column of `affine` moves along. */
export interface Geometry {
  readonly affine: Affine;
  readonly spatialAxes: readonly [number, number, number];
  readonly original: OriginalGrid;
}

/** A numpy-like array; geometry when it is still known. */
export interface ArrayValue {
  readonly kind: 'array';
  readonly array: NdArray;
  readonly geometry?: Geometry;
}

/** The value of a decoded image file, before a chain turns it into an array. `array` holds stored values, unscaled. */
export interface ImageValue {
  readonly kind: 'image';
  /** Which Python object the Eisen chain would hold here: nibabel image, SimpleITK image, PIL image. */
  readonly form: 'nifti' | 'itk' | 'pil';
  readonly array: NdArray;
  /** value = stored × slope + intercept; absent when the file has no scaling. */
  readonly scaling?: { readonly slope: number; readonly intercept: number };
  readonly geometry?: Geometry;
  /** Anything the format knows beyond the above (PIL mode, DICOM tags shown in reports). */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** Bytes of a file nobody has decoded yet, or that a writer transform has encoded. */
export interface FileValue {
  readonly kind: 'file';
  readonly bytes: Uint8Array;
  readonly name?: string;
  readonly contentType?: string;
}

/** JSON-like data: numbers, strings, lists, flags. */
export type Plain = null | boolean | number | bigint | string | Plain[] | { [key: string]: Plain };

export interface PlainValue {
  readonly kind: 'plain';
  readonly value: Plain;
}

export type Value = ArrayValue | ImageValue | FileValue | PlainValue;

/** The dictionary that travels through a chain. Order matters, as in Python; keys are user data, hence a Map. */
export type Fields = Map<string, Value>;
