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

function checkShape(field: string, { shape }: NdArray, expected: OnnxValue['shape']): void {
  if (expected === null) return;
  const fits = shape.length === expected.length && expected.every((axis, n) => axis < 0 || axis === shape[n]);
  if (fits) return;
  throw new EisenError('MODEL_INPUT', `${field}: shape is [${shape.join(', ')}]; expected [${expected.join(', ')}].`, {
    where: field,
    expected: `[${expected.join(', ')}], -1 is free`,
    found: `[${shape.join(', ')}]`,
    hint: `The shape is that after pre-processing. ${adviseOn(shape, expected)}`,
  });
}

/**
 * An engine joins nothing at all to something without a word, so that a scan cut to nothing beside another scan would go
 * unseen. Beside values of another rank (a factor, a vector) an empty array is a question like any other.
 */
function checkNoneLost({ inputs }: NameBinding, feeds: ReadonlyMap<string, NdArray>): void {
  const shapeOf = ({ value }: NameBinding['inputs'][number]): readonly number[] => feeds.get(value.name)!.shape;
  const empty = inputs.find((input) => shapeOf(input).includes(0) && input.value.shape?.includes(0) !== true);
  if (empty === undefined) return;
  const rank = shapeOf(empty).length;
  if (!inputs.some((input) => shapeOf(input).length === rank && !shapeOf(input).includes(0))) return;
  const found = `[${shapeOf(empty).join(', ')}]`;
  throw new EisenError(
    'MODEL_INPUT',
    `${empty.field}: shape is ${found}, which holds no value, beside scans that do.`,
    {
      where: empty.field,
      expected: 'no axis of length 0',
      found,
      hint: 'The shape is that after pre-processing. Is the file cut off, or does a crop of the chain leave nothing?',
    },
  );
}

/** True for a colour picture where a model of pictures takes a grey one: 3 or 4 samples in the last axis or as channels. */
function isColour(shape: readonly number[], expected: readonly number[]): boolean {
  if (expected.length !== 4) return false;
  const samples = shape.length === 5 ? shape.at(-1) : expected[1] === 1 ? shape[1] : undefined;
  return samples === 3 || samples === 4;
}

/** What in the chain would make the shape fit, by how it does not. */
function adviseOn(shape: readonly number[], expected: readonly number[]): string {
  if (isColour(shape, expected))
    return (
      'It looks like a colour picture. No step makes it grey: send it in grey, or take one colour with SelectChannel ' +
      '(axis -1 after PilToNumpy).'
    );
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
  checkNoneLost(binding, feeds);
  return feeds;
}
