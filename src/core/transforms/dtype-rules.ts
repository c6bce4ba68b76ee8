import { DTYPES, type DType } from '../tensor/dtype.js';
import { niftiDType } from './fit-dtype.js';

type GivenParams = { readonly [name: string]: unknown };

/** The dtype that a transform leaves; undefined where that depends on the data, or on a dtype that is not known. */
type DTypeRule = (before: DType | undefined, params: GivenParams) => DType | undefined;

const isFloat = (dtype: DType): boolean => DTYPES[dtype].kind === 'float';
const keep: DTypeRule = (before) => before;
/** Ours compute in float32; float64 stays. */
const floats: DTypeRule = (before) => (before === undefined ? undefined : before === 'float64' ? 'float64' : 'float32');
/** As numpy divides: what is no float becomes float64. */
const divided: DTypeRule = (before) => (before === undefined || isFloat(before) ? before : 'float64');
const given: DTypeRule = (_, { dtype }) => dtype as DType;
const givenOrKept: DTypeRule = (before, { dtype }) => (dtype as DType | null) ?? before;
const stored: DTypeRule = (before, { dtype }) =>
  (dtype as DType | null) ?? (before === undefined ? undefined : niftiDType(before));
/** Voxels are copied where grids coincide and interpolated where they do not: integers then become float32. */
const restored: DTypeRule = (before, { interpolation }) => {
  if (before === undefined || interpolation === 'nearest') return before;
  if (interpolation === 'auto' && !isFloat(before)) return before;
  return before === 'float32' || before === 'float64' ? before : undefined;
};

/** What becomes of the dtype of the arrays in `fields`. After a transform that is not listed it is not known. */
const DTYPE_RULES: Readonly<Record<string, DTypeRule>> = {
  AddChannelDimension: keep,
  AddBatchDimension: keep,
  Squeeze: keep,
  Transpose: keep,
  SelectChannel: keep,
  ThresholdValues: keep,
  KeepLargestComponent: keep,
  RemoveSmallComponents: keep,
  FillHoles: keep,
  MapLabels: givenOrKept,
  MapValues: (before, params) => (params['channelwise'] === true ? before : divided(before, params)),
  FixedMeanStdNormalization: divided,
  Softmax: floats,
  Sigmoid: floats,
  ClipIntensity: floats,
  ClipPercentile: floats,
  ScaleIntensityRange: floats,
  ScaleRangePercentile: floats,
  HUWindow: floats,
  ZScore: floats,
  Cast: given,
  Argmax: given,
  RegionsToLabels: given,
  Threshold: () => 'uint8',
  RestoreGeometry: restored,
  WriteNifti: stored,
};

/** The transforms whose dtype is followed. */
export const TYPED_TRANSFORMS: readonly string[] = Object.keys(DTYPE_RULES);

/** The dtype of a field of `fields` after a transform, `before` being that of its array; undefined when it is not known. */
export function followDType(transform: string, params: GivenParams, before: DType | undefined): DType | undefined {
  return DTYPE_RULES[transform]?.(before, params);
}
