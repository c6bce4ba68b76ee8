import type { CodeRow } from '../code-row.js';

export const TRANSFORM_CODES = {
  CHAIN_INVALID: { http: 400, exit: 4, means: 'the transform chain is not valid' },
  TRANSFORM_UNKNOWN: { http: 400, exit: 4, means: 'no transform has this name' },
  TRANSFORM_PARAM: { http: 400, exit: 4, means: 'a transform parameter is unknown, missing or of the wrong kind' },
  FIELD_MISSING: { http: 400, exit: 3, means: 'a transform needs a field that the dictionary does not have' },
  TRANSFORM_FAILED: { http: 400, exit: 3, means: 'a transform cannot work on this value' },
} as const satisfies Record<string, CodeRow>;
