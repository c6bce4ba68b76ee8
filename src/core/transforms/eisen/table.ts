import type { TransformDefinition } from '../definition.js';
import { addChannelDimension } from './add-channel-dimension.js';
import { createConstantFlags } from './create-constant-flags.js';
import { filterFields } from './filter-fields.js';
import { getShape } from './get-shape.js';
import { renameFields } from './rename-fields.js';

/** The transforms of Eisen itself: same names, parameters and bits. */
export const EISEN_TRANSFORMS: readonly TransformDefinition[] = [
  createConstantFlags,
  renameFields,
  filterFields,
  getShape,
  addChannelDimension,
];
