import { EisenError } from '../errors/error.js';
import { didYouMean } from '../errors/nearest-name.js';
import type { NdArray } from '../tensor/ndarray.js';
import type { ArrayValue, Fields, Geometry, ImageValue, Plain, Value } from '../tensor/value.js';
import type { StepMemory } from './chain-memory.js';
import { scaledFloat32 } from './image-array.js';

/** The value of a field; throws FIELD_MISSING with the fields that are there. */
export function takeField(fields: Fields, field: string): Value {
  const value = fields.get(field);
  if (value !== undefined) return value;
  const present = [...fields.keys()];
  throw new EisenError(
    'FIELD_MISSING',
    `there is no field '${field}'; the fields here are: ${present.join(', ') || 'none'}.${didYouMean(field, present)}`,
    { where: field, expected: field, found: present.join(', ') },
  );
}

const KIND_NAMES = {
  array: 'an array',
  image: 'an image',
  file: 'the bytes of a file',
  plain: 'a plain value',
} as const;

/** The step that makes an array of an image, by its form. */
const ARRAY_STEPS = { nifti: 'NiftiToNumpy', itk: 'ITKToNumpy', pil: 'PilToNumpy' } as const;

function adviseOn(value: Value, takesImages: boolean): string | undefined {
  if (value.kind === 'file') return 'Put LoadImage before this step.';
  if (value.kind !== 'image') return undefined;
  const step = ARRAY_STEPS[value.form];
  return takesImages ? `The step for an image of this form is ${step}.` : `Put ${step} before this step.`;
}

function refuseKind(field: string, value: Value, expected: string, takesImages = false): never {
  const hint = adviseOn(value, takesImages);
  const found = value.kind === 'image' ? `an image (${value.form})` : KIND_NAMES[value.kind];
  throw new EisenError('TRANSFORM_FAILED', `field '${field}' holds ${found}; expected ${expected}.`, {
    where: field,
    expected,
    found,
    hint,
  });
}

/** The array of a field, as the Eisen transforms take it: an image is refused, as numpy would refuse it. */
export function takeArray(fields: Fields, field: string): ArrayValue {
  const value = takeField(fields, field);
  return value.kind === 'array' ? value : refuseKind(field, value, 'an array');
}

/** The image of a field, of one of these forms. */
export function takeImage(fields: Fields, field: string, forms: readonly ImageValue['form'][]): ImageValue {
  const value = takeField(fields, field);
  if (value.kind === 'image' && forms.includes(value.form)) return value;
  return refuseKind(field, value, `an image (${forms.join(' or ')})`, true);
}

/** The numbers of a field: an array as it is, an image as its scaled float32 values, which belong to the step then. */
export function takeNumbers(fields: Fields, field: string, memory?: StepMemory): ArrayValue {
  const value = takeField(fields, field);
  if (value.kind === 'array') return value;
  if (value.kind === 'image') {
    const array = scaledFloat32(value);
    if (array.data.buffer !== value.array.data.buffer) memory?.adopt(array.data);
    return arrayValue(array, value.geometry);
  }
  return refuseKind(field, value, 'an array or an image');
}

/** The array or image of a field, for work that only moves voxels: stored values stay stored values. */
export function takePlaced(fields: Fields, field: string): ArrayValue | ImageValue {
  const value = takeField(fields, field);
  return value.kind === 'array' || value.kind === 'image' ? value : refuseKind(field, value, 'an array or an image');
}

export function arrayValue(array: NdArray, geometry?: Geometry): ArrayValue {
  return geometry === undefined ? { kind: 'array', array } : { kind: 'array', array, geometry };
}

export function plainValue(value: Plain): Value {
  return { kind: 'plain', value };
}

/** The geometry of a value; throws GEOMETRY when it is not known. */
export function needGeometry(value: ArrayValue | ImageValue, field: string): Geometry {
  if (value.geometry !== undefined) return value.geometry;
  throw new EisenError('GEOMETRY', `field '${field}' has no known geometry, and this step needs it.`, {
    where: field,
    hint: 'Geometry comes with a NIfTI, DICOM, MHA or NRRD file; a bare array has none.',
  });
}

/** The error of a value that a transform cannot work on. */
export function cannot(field: string, message: string, hint?: string): EisenError {
  return new EisenError('TRANSFORM_FAILED', `field '${field}': ${message}`, { where: field, hint });
}
