import { IMAGE_SHAPES, type PossibleAxis, type PossibleShape, type PossibleShapes } from './possible-shapes.js';

type GivenParams = { readonly [name: string]: unknown };

/** What becomes of one possible shape; null when a value of that shape makes the transform fail. */
type FollowShape = (shape: PossibleShape, params: GivenParams) => PossibleShape | null;

interface ShapeRule {
  /** For the page of transforms. */
  readonly words: string;
  readonly follow: FollowShape;
  /** Where the outcome depends on more than shape and parameters: nothing is known then. */
  readonly isKnown?: (shape: PossibleShape, params: GivenParams) => boolean;
}

/** The place of an axis that may count from the end; -1 when there is none. */
function placeOf(shape: PossibleShape, axis: unknown): number {
  const at = Number(axis) < 0 ? Number(axis) + shape.length : Number(axis);
  return at >= 0 && at < shape.length ? at : -1;
}

const regridAxes: FollowShape = (shape) => shape.map((axis) => (axis === 1 || axis === 'spatial' ? axis : null));

const keep: ShapeRule = { words: 'the shape stays.', follow: (shape) => shape };
const addAxis: ShapeRule = { words: 'one more, of length 1, in front.', follow: (shape) => [1, ...shape] };
const dropAxis: ShapeRule = {
  words: '`axis` goes.',
  follow: (shape, { axis }) => {
    const at = placeOf(shape, axis);
    return at < 0 ? null : shape.toSpliced(at, 1);
  },
};
const needAxis: ShapeRule = {
  words: 'the shape stays; `axis` must be one of its axes.',
  follow: (shape, { axis }) => (placeOf(shape, axis) < 0 ? null : shape),
};
const squeeze: ShapeRule = {
  words: '`axis` goes; its length must be 1.',
  follow: (shape, { axis }) => {
    const at = placeOf(shape, axis);
    const length = at < 0 ? 0 : shape[at]!;
    return typeof length === 'number' && length !== 1 ? null : shape.toSpliced(at, 1);
  },
  isKnown: (_, { axis }) => axis !== null,
};
/** A volume has three axes; of more, those of length 1 go that are not spatial. */
const writeVolume: ShapeRule = {
  words: 'three stay; of more, those of length 1 go that are not spatial.',
  follow: (shape) => shape,
  isKnown: (shape) => shape.length === 3 || shape.every((axis) => axis !== null && axis !== 1),
};
const permute: ShapeRule = {
  words: 'as many, in the order of `axes`, which must name each.',
  follow: (shape, { axes }) =>
    Array.isArray(axes) && axes.length === shape.length ? axes.map((axis) => shape[Number(axis)] ?? null) : null,
};
/** Lengths change, except for axes of one, which are no spatial ones here. */
const regrid: ShapeRule = { words: 'as many; spatial ones may get another length.', follow: regridAxes };
/** As `regrid`, for values that know where their voxels lie: those have three spatial axes. */
const place: ShapeRule = {
  words: 'as many, three or more; spatial ones may get another length.',
  follow: (shape, params) => (shape.length < 3 ? null : regridAxes(shape, params)),
};
/** New lengths come from the parameters, and may be one. */
const resize: ShapeRule = {
  words: 'as many; lengths follow from the parameters.',
  follow: (shape) => shape.map((axis) => (axis === 1 ? 1 : null)),
};
const forgetLengths: ShapeRule = {
  words: 'as many as before.',
  follow: (shape) => shape.map((): PossibleAxis => null),
};
const picture: ShapeRule = {
  words: 'two, or three for a coloured picture; a volume is refused.',
  follow: (shape) => (shape.length > 3 || shape[2] === 'spatial' ? null : shape.map((): PossibleAxis => null)),
};

/** What each transform does to the axes of its `fields`. After one that is not listed nothing is known about them. */
const SHAPE_RULES: Readonly<Record<string, ShapeRule>> = {
  AddChannelDimension: addAxis,
  AddBatchDimension: addAxis,
  Squeeze: squeeze,
  Transpose: permute,
  SelectChannel: dropAxis,
  Argmax: dropAxis,
  RegionsToLabels: dropAxis,
  Softmax: needAxis,
  Sigmoid: keep,
  Threshold: keep,
  ThresholdValues: keep,
  MapValues: keep,
  FixedMeanStdNormalization: keep,
  ClipIntensity: keep,
  ClipPercentile: keep,
  ScaleIntensityRange: keep,
  ScaleRangePercentile: keep,
  HUWindow: keep,
  ZScore: keep,
  Cast: keep,
  FilterFields: keep,
  KeepLargestComponent: keep,
  RemoveSmallComponents: keep,
  FillHoles: keep,
  MapLabels: keep,
  Orientation: place,
  Spacing: place,
  ResampleToReference: place,
  RestoreGeometry: place,
  PadToMultiple: regrid,
  CropForeground: resize,
  CropOrPad: resize,
  CropCenteredSubVolumes: resize,
  Resize: resize,
  NiftiToNumpy: forgetLengths,
  ITKToNumpy: forgetLengths,
  PilToNumpy: picture,
  WriteNifti: writeVolume,
};

/** These succeed only with volumes whose place in space is known: pictures and bare arrays are ruled out. */
const NEEDS_PLACE = new Set(['Orientation', 'Spacing', 'ResampleToReference']);
const READS_IMAGES = new Set(['LoadImage', 'LoadNiftiFromFilename', 'LoadITKFromFilename', 'LoadDICOMFromFilename']);

/** The transforms that something is known about. */
export const SHAPED_TRANSFORMS: readonly string[] = [...Object.keys(SHAPE_RULES), ...READS_IMAGES];

/** What a transform does to the axes of its fields, in words; undefined when nothing is known. */
export function describeShapes(transform: string): string | undefined {
  if (READS_IMAGES.has(transform))
    return 'three for a volume, then up to two more for a series; two for a picture, three for a coloured one.';
  return SHAPE_RULES[transform]?.words;
}

/**
 * The shapes that a field of `fields` may have after a transform; undefined when nothing is known. An empty list that is
 * not open means that the transform fails with every value that can come.
 */
export function followShapes(
  transform: string,
  params: GivenParams,
  before: PossibleShapes | undefined,
): PossibleShapes | undefined {
  if (READS_IMAGES.has(transform)) return IMAGE_SHAPES;
  const rule = SHAPE_RULES[transform];
  if (rule === undefined || before === undefined) return undefined;
  if (before.shapes.some((shape) => rule.isKnown?.(shape, params) === false)) return undefined;
  const shapes = before.shapes.map((shape) => rule.follow(shape, params)).filter((shape) => shape !== null);
  return { shapes, isOpen: before.isOpen && !NEEDS_PLACE.has(transform) };
}
