import type { CodeRow } from '../code-row.js';

export const ARCHIVE_CODES = {
  MAR_INVALID: { http: 400, exit: 4, means: 'the archive is damaged or not of an accepted form' },
  MAR_LEGACY_PICKLE: { http: 400, exit: 4, means: 'the archive can only run by unpickling its own code' },
  ONNX_INVALID: { http: 400, exit: 4, means: 'the model file is not a valid ONNX graph' },
  ONNX_TOO_LARGE: { http: 400, exit: 4, means: 'the graph has more nodes than any trained model' },
  METADATA_INVALID: { http: 400, exit: 4, means: 'the metadata dictionary is not valid' },
} as const satisfies Record<string, CodeRow>;
