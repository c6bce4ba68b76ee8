const IMAGING = [
  'CreateConstantFlags',
  'RenameFields',
  'FilterFields',
  'ResampleNiftiVolumes',
  'ResampleITKVolumes',
  'NiftiToNumpy',
  'NumpyToNifti',
  'ITKToNumpy',
  'PilToNumpy',
  'CropCenteredSubVolumes',
  'MapValues',
  'ThresholdValues',
  'AddChannelDimension',
  'LabelMapToOneHot',
  'StackImagesChannelwise',
  'FixedMeanStdNormalization',
  'RepeatTensor',
];

const INSPECT = ['GetShape', 'GetContent'];

const IO = [
  'LoadNiftiFromFilename',
  'LoadNiftyFromFilename',
  'LoadITKFromFilename',
  'LoadDICOMFromFilename',
  'LoadPILImageFromFilename',
  'WriteNiftiToFile',
];

/** Every transform, reader and writer of eisen-core, by the name that its pickles carry. */
export const CHAIN_CLASSES: ReadonlySet<string> = new Set([
  ...IMAGING.map((name) => `eisen.transforms.imaging.${name}`),
  ...INSPECT.map((name) => `eisen.transforms.inspect.${name}`),
  ...IO.map((name) => `eisen.io.imaging.${name}`),
]);

/** The classes that only hold a list of transforms. */
export const COMPOSE_CLASSES: ReadonlySet<string> = new Set([
  'torchvision.transforms.transforms.Compose',
  'torchvision.transforms.Compose',
]);

/** Attributes that a constructor derives and does not take. */
export const DROPPED_ATTRIBUTES: ReadonlySet<string> = new Set([
  'eisen.transforms.imaging.LabelMapToOneHot.num_channels',
  'eisen.io.imaging.LoadITKFromFilename.type_filter',
]);
