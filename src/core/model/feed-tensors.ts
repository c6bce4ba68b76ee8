import { EisenError } from '../errors/error.js';
import { decodeImage } from '../imaging/decode-image.js';
import type { OnnxValue } from '../onnx/graph.js';
import { castArray } from '../tensor/cast.js';
import type { NdArray } from '../tensor/ndarray.js';
import type { Fields, Value } from '../tensor/value.js';
import { scaledFloat32 } from '../transforms/image-array.js';
import type { NameBinding } from './bind-names.js';
import { plainToArray } from './plain-array.js';

function inputError(field: string, what: string): EisenError {
  return new EisenError('MODEL_INPUT', `${field}: ${what}.`, { where: field });
}

/** A file that no transform has opened is decoded here: a model without a chain takes volumes as well. */
async function valueToArray(field: string, value: Value): Promise<NdArray> {
  if (value.kind === 'array') return value.array;
  if (value.kind === 'plain') return plainToArray(value.value, field);
  const image = value.kind === 'image' ? value : await decodeImage(value.bytes, { name: value.name ?? field });
  return scaledFloat32(image);
}

/** An engine answers nothing at all with something, so that a lost scan would go unseen: no axis is empty unless the graph says so. */
function checkShape(field: string, { shape }: NdArray, expected: OnnxValue['shape']): void {
  const wanted = expected === null ? '' : `[${expected.join(', ')}]`;
  const fits =
    expected === null ||
    (shape.length === expected.length && expected.every((axis, n) => axis < 0 || axis === shape[n]));
  const isEmpty = shape.some((length, n) => length === 0 && expected?.[n] !== 0);
  if (fits && !isEmpty) return;
  const found = `[${shape.join(', ')}]`;
  const what = fits ? `shape is ${found}, which holds no value` : `shape is ${found}; expected ${wanted}`;
  throw new EisenError('MODEL_INPUT', `${field}: ${what}.`, {
    where: field,
    expected: fits ? 'no axis of length 0' : `${wanted}, -1 is free`,
    found,
    hint: `The shape is that after pre-processing. ${adviseOn(shape, fits ? null : expected)}`,
  });
}

/** What in the chain would make the shape fit, by how it does not. */
function adviseOn(shape: readonly number[], expected: OnnxValue['shape']): string {
  if (expected === null) return 'Is the file cut off, or does a crop of the chain leave nothing?';
  if (shape.length > expected.length)
    return 'A scan with more axes than these: SelectChannel takes one volume of a series.';
  if (shape.length < expected.length)
    return 'AddChannelDimension and AddBatchDimension at the end of the chain add axes.';
  return 'CropOrPad in the chain brings volumes to a fixed size.';
}

/** The arrays that the graph takes, by its own input names, in its own dtypes. Throws MODEL_INPUT naming the field. */
export async function feedTensors(fields: Fields, binding: NameBinding): Promise<Map<string, NdArray>> {
  const feeds = new Map<string, NdArray>();
  for (const { field, value } of binding.inputs) {
    const given = fields.get(field);
    if (given === undefined) {
      throw inputError(
        field,
        `the model input is missing after pre-processing; there are ${[...fields.keys()].join(', ') || 'no fields'}`,
      );
    }
    const array = await valueToArray(field, given);
    checkShape(field, array, value.shape);
    if (value.dtype === null) throw inputError(field, `the graph wants ${value.onnxType}, which cannot be fed`);
    feeds.set(value.name, array.dtype === value.dtype ? array : castArray(array, value.dtype));
  }
  return feeds;
}
