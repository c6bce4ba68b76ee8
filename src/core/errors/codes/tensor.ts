import type { CodeRow } from '../code-row.js';

export const TENSOR_CODES = {
  TENSOR_DTYPE: { http: 400, exit: 3, means: 'the dtype is unknown or not usable here' },
  TENSOR_SHAPE: { http: 400, exit: 3, means: 'the shape does not fit' },
  TENSOR_DATA: { http: 400, exit: 3, means: 'the tensor bytes do not agree with shape and dtype' },
  MSGPACK_INVALID: { http: 400, exit: 3, means: 'the bytes are not valid msgpack of the accepted form' },
  JSON_INVALID: { http: 400, exit: 3, means: 'the text is not valid JSON of the accepted form' },
  NPY_INVALID: { http: 400, exit: 3, means: 'the bytes are not a valid .npy or .npz file' },
} as const satisfies Record<string, CodeRow>;
