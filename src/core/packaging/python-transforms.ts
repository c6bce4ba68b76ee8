import type { Chain } from '../transforms/chain.js';

/** The transforms that the embedded Python handler has, in the order of its tables. */
export const PYTHON_TRANSFORMS: ReadonlySet<string> = new Set([
  ...['CreateConstantFlags', 'RenameFields', 'FilterFields', 'GetShape', 'GetContent', 'ResampleNiftiVolumes'],
  ...['NiftiToNumpy', 'NumpyToNifti', 'CropCenteredSubVolumes', 'MapValues', 'ThresholdValues'],
  ...['AddChannelDimension', 'LabelMapToOneHot', 'StackImagesChannelwise', 'FixedMeanStdNormalization', 'RepeatTensor'],
  ...['LoadImage', 'Orientation', 'ResampleToReference', 'Resize', 'RestoreGeometry', 'Spacing', 'WriteNifti'],
  ...['MapLabels', 'RegionsToLabels', 'Threshold', 'TopK'],
  ...['AddBatchDimension', 'Argmax', 'Cast', 'ClipIntensity', 'ClipPercentile', 'CropForeground', 'CropOrPad'],
  ...['HUWindow', 'PadToMultiple', 'ScaleIntensityRange', 'ScaleRangePercentile', 'SelectChannel', 'Sigmoid'],
  ...['Softmax', 'Squeeze', 'Transpose', 'ZScore'],
]);

/** One warning for the steps that make an archive run in our server only, or none. */
export function warnOfPython(chains: readonly Chain[]): string[] {
  const names = chains.flatMap(({ steps }) => steps.map(({ definition }) => definition.name));
  const missing = [...new Set(names.filter((name) => !PYTHON_TRANSFORMS.has(name)))];
  if (missing.length === 0) return [];
  return [
    `the Python handler for TorchServe has no ${missing.join(', ')}: this archive runs in eisen-deploy's server only`,
  ];
}
