import type { TransformDefinition } from './definition.js';
import { cropForeground } from './geometry/crop-foreground.js';
import { cropOrPad } from './geometry/crop-or-pad.js';
import { orientation } from './geometry/orientation.js';
import { padToMultiple } from './geometry/pad-to-multiple.js';
import { resampleToReference } from './geometry/resample-to-reference.js';
import { resize } from './geometry/resize.js';
import { restoreGeometry } from './geometry/restore-geometry.js';
import { spacing } from './geometry/spacing.js';
import { cast } from './intensity/cast.js';
import { clipIntensity } from './intensity/clip-intensity.js';
import { clipPercentile } from './intensity/clip-percentile.js';
import { huWindow } from './intensity/hu-window.js';
import { scaleIntensityRange } from './intensity/scale-intensity-range.js';
import { scaleRangePercentile } from './intensity/scale-range-percentile.js';
import { zScore } from './intensity/z-score.js';
import { compositeOverlay } from './labels/composite-overlay.js';
import { fillHoles } from './labels/fill-holes.js';
import { keepLargestComponent } from './labels/keep-largest-component.js';
import { labelStatistics } from './labels/label-statistics.js';
import { mapLabels } from './labels/map-labels.js';
import { removeSmallComponents } from './labels/remove-small-components.js';
import { loadImage } from './load/load-image.js';
import { writeNifti } from './load/write-nifti.js';
import { writeNpy } from './load/write-npy.js';
import { argmax } from './prediction/argmax.js';
import { regionsToLabels } from './prediction/regions-to-labels.js';
import { sigmoid } from './prediction/sigmoid.js';
import { softmax } from './prediction/softmax.js';
import { threshold } from './prediction/threshold.js';
import { topK } from './prediction/top-k.js';
import { addBatchDimension } from './shape/add-batch-dimension.js';
import { selectChannel } from './shape/select-channel.js';
import { squeezeTransform } from './shape/squeeze.js';
import { transposeTransform } from './shape/transpose.js';

/** The transforms that Eisen never had. */
export const OWN_TRANSFORMS: readonly TransformDefinition[] = [
  loadImage,
  writeNifti,
  writeNpy,
  orientation,
  spacing,
  resampleToReference,
  cropForeground,
  padToMultiple,
  cropOrPad,
  resize,
  restoreGeometry,
  clipIntensity,
  clipPercentile,
  scaleIntensityRange,
  scaleRangePercentile,
  huWindow,
  zScore,
  cast,
  addBatchDimension,
  squeezeTransform,
  transposeTransform,
  selectChannel,
  softmax,
  sigmoid,
  argmax,
  threshold,
  regionsToLabels,
  topK,
  keepLargestComponent,
  removeSmallComponents,
  fillHoles,
  mapLabels,
  labelStatistics,
  compositeOverlay,
];
