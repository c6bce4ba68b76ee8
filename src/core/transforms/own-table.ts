import type { TransformDefinition } from './definition.js';
import { cropOrPad } from './geometry/crop-or-pad.js';
import { padToMultiple } from './geometry/pad-to-multiple.js';
import { cast } from './intensity/cast.js';
import { clipPercentile } from './intensity/clip-percentile.js';
import { zScore } from './intensity/z-score.js';
import { argmax } from './prediction/argmax.js';
import { softmax } from './prediction/softmax.js';
import { addBatchDimension } from './shape/add-batch-dimension.js';
import { squeezeTransform } from './shape/squeeze.js';

/** The transforms that Eisen never had. */
export const OWN_TRANSFORMS: readonly TransformDefinition[] = [
  padToMultiple,
  cropOrPad,
  zScore,
  clipPercentile,
  cast,
  addBatchDimension,
  squeezeTransform,
  softmax,
  argmax,
];
