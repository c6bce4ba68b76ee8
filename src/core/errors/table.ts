import { ARCHIVE_CODES } from './codes/archive.js';
import { CLIENT_CODES } from './codes/client.js';
import { GENERAL_CODES } from './codes/general.js';
import { HTTP_CODES } from './codes/http.js';
import { IMAGING_CODES } from './codes/imaging.js';
import { LEGACY_CODES } from './codes/legacy.js';
import { MODEL_CODES } from './codes/model.js';
import { SERVING_CODES } from './codes/serving.js';
import { TENSOR_CODES } from './codes/tensor.js';
import { TRANSFORM_CODES } from './codes/transforms.js';

/** Every error code there is. Rooms add theirs in codes/<room>.ts; nothing else defines a code. */
export const ERROR_TABLE = {
  ...GENERAL_CODES,
  ...TENSOR_CODES,
  ...IMAGING_CODES,
  ...TRANSFORM_CODES,
  ...ARCHIVE_CODES,
  ...LEGACY_CODES,
  ...MODEL_CODES,
  ...SERVING_CODES,
  ...HTTP_CODES,
  ...CLIENT_CODES,
} as const;

export type ErrorCode = keyof typeof ERROR_TABLE;
