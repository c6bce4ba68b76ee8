import type { CodeRow } from '../code-row.js';

export const MODEL_CODES = {
  MODEL_LOAD_FAILED: { http: 500, exit: 4, means: 'the model cannot be loaded by the inference engine' },
  MODEL_INPUT: { http: 400, exit: 3, means: 'an input does not fit what the model takes' },
  MODEL_SHAPES: { http: 500, exit: 3, means: 'the inference engine failed on the shapes of its inputs' },
  MODEL_FAILED: { http: 500, exit: 1, means: 'the inference engine failed on this input' },
  MODEL_OUT_OF_MEMORY: { http: 507, exit: 75, means: 'the inference engine ran out of memory on this input' },
  OUTPUT_MISSING: { http: 500, exit: 4, means: 'the post-processing chain did not leave a declared output' },
  BODY_UNDECODABLE: { http: 400, exit: 3, means: 'the request body cannot be decoded' },
  NOT_ACCEPTABLE: { http: 406, exit: 3, means: 'the reply cannot be given in any of the accepted forms' },
} as const satisfies Record<string, CodeRow>;
