import type { TransformDefinition } from './definition.js';
import { cropOrPad } from './geometry/crop-or-pad.js';
import { orientation } from './geometry/orientation.js';
import { padToMultiple } from './geometry/pad-to-multiple.js';
import { restoreGeometry } from './geometry/restore-geometry.js';
import { spacing } from './geometry/spacing.js';
import { cast } from './intensity/cast.js';
import { clipPercentile } from './intensity/clip-percentile.js';
import { zScore } from './intensity/z-score.js';
import { loadImage } from './load/load-image.js';
import { writeNifti } from './load/write-nifti.js';
import { argmax } from './prediction/argmax.js';
import { softmax } from './prediction/softmax.js';
import { addBatchDimension } from './shape/add-batch-dimension.js';
import { selectChannel } from './shape/select-channel.js';
import { squeezeTransform } from './shape/squeeze.js';

/** The transforms that Eisen never had. */
export const OWN_TRANSFORMS: readonly TransformDefinition[] = [
  loadImage,
  writeNifti,
  orientation,
  spacing,
  padToMultiple,
  cropOrPad,
  restoreGeometry,
  zScore,
  clipPercentile,
  cast,
  addBatchDimension,
  squeezeTransform,
  selectChannel,
  softmax,
  argmax,
];
