import type { CodeRow } from '../code-row.js';

export const LEGACY_CODES = {
  PICKLE_INVALID: { http: 400, exit: 3, means: 'the bytes are not a whole pickle of protocol 2 to 5' },
  PICKLE_REFUSED: { http: 400, exit: 3, means: 'the pickle names something outside the closed list; nothing was run' },
  LEGACY_CHAIN: { http: 400, exit: 4, means: 'a pickled transform chain cannot be written as a JSON chain' },
} as const satisfies Record<string, CodeRow>;
