import type { TransformDefinition } from '../definition.js';
import { loadDicomFromFilename } from '../load/load-dicom-from-filename.js';
import { loadItkFromFilename, loadNiftiFromFilename, loadPilImageFromFilename } from '../load/load-from-filename.js';
import { writeNiftiToFile } from '../load/write-nifti-to-file.js';
import { addChannelDimension } from './add-channel-dimension.js';
import { createConstantFlags } from './create-constant-flags.js';
import { cropCenteredSubVolumes } from './crop-centered-sub-volumes.js';
import { filterFields } from './filter-fields.js';
import { fixedMeanStdNormalization } from './fixed-mean-std.js';
import { getContent } from './get-content.js';
import { getShape } from './get-shape.js';
import { itkToNumpy, niftiToNumpy, pilToNumpy } from './image-to-numpy.js';
import { labelMapToOneHot } from './label-map-to-one-hot.js';
import { mapValues } from './map-values.js';
import { numpyToNifti } from './numpy-to-nifti.js';
import { renameFields } from './rename-fields.js';
import { repeatTensor } from './repeat-tensor.js';
import { resampleItkVolumes } from './resample-itk-volumes.js';
import { resampleNiftiVolumes } from './resample-nifti-volumes.js';
import { stackImagesChannelwise } from './stack-images-channelwise.js';
import { thresholdValues } from './threshold-values.js';

/** The transforms of Eisen itself: same names, parameters and bits. */
export const EISEN_TRANSFORMS: readonly TransformDefinition[] = [
  createConstantFlags,
  renameFields,
  filterFields,
  getShape,
  getContent,
  loadNiftiFromFilename,
  loadItkFromFilename,
  loadDicomFromFilename,
  loadPilImageFromFilename,
  writeNiftiToFile,
  niftiToNumpy,
  itkToNumpy,
  pilToNumpy,
  numpyToNifti,
  resampleNiftiVolumes,
  resampleItkVolumes,
  cropCenteredSubVolumes,
  mapValues,
  thresholdValues,
  fixedMeanStdNormalization,
  addChannelDimension,
  labelMapToOneHot,
  stackImagesChannelwise,
  repeatTensor,
];
