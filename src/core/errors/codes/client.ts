import type { CodeRow } from '../code-row.js';

export const CLIENT_CODES = {
  SERVER_UNREACHABLE: { http: 502, exit: 5, means: 'no server answers at this address' },
  SERVER_REFUSED: { http: 502, exit: 5, means: 'the server refused the request' },
  SERVER_FAILED: { http: 502, exit: 5, means: 'the server failed on the request' },
  SERVER_BUSY: { http: 503, exit: 75, means: 'the server asks to try again later' },
  SERVER_TIMEOUT: { http: 504, exit: 75, means: 'the server did not answer in time' },
  INPUT_INVALID: { http: 400, exit: 3, means: 'the inputs do not fit the metadata of the model' },
} as const satisfies Record<string, CodeRow>;
