import type { TransformDefinition } from './definition.js';
import { cast } from './intensity/cast.js';
import { addBatchDimension } from './shape/add-batch-dimension.js';
import { squeezeTransform } from './shape/squeeze.js';

/** The transforms that Eisen never had. */
export const OWN_TRANSFORMS: readonly TransformDefinition[] = [addBatchDimension, squeezeTransform, cast];
