import type { CodeRow } from '../code-row.js';

export const HTTP_CODES = {
  ROUTE_NOT_FOUND: { http: 404, exit: 5, means: 'the server has no such path' },
  METHOD_NOT_ALLOWED: { http: 405, exit: 5, means: 'the path does not take this method, or the API is switched off' },
  HTTP_MALFORMED: { http: 400, exit: 3, means: 'the request breaks the rules of HTTP' },
  HEADERS_TOO_MANY: { http: 431, exit: 3, means: 'the request carries more or longer headers than allowed' },
  ENCODING_UNSUPPORTED: { http: 415, exit: 3, means: 'the content encoding of the request is not known' },
  REQUEST_TIMEOUT: { http: 408, exit: 75, means: 'the request or the operation took longer than allowed' },
  PARAMETER_INVALID: { http: 400, exit: 3, means: 'a parameter of the request is missing or not valid' },
  OVERLOADED: { http: 503, exit: 75, means: 'the server holds as many request bytes as it may' },
  MODEL_VERSION_NOT_FOUND: { http: 404, exit: 5, means: 'the model is registered, but not in this version' },
  EXPLANATION_UNSUPPORTED: { http: 501, exit: 5, means: 'the handler of the model gives no explanations' },
  WORKFLOW_NOT_FOUND: { http: 404, exit: 5, means: 'there are no workflows in this server' },
  MODEL_URL_REFUSED: { http: 404, exit: 5, means: 'the URL names no archive that may be registered here' },
  MODEL_FILE_EXISTS: { http: 500, exit: 5, means: 'the model store holds a file of the name to be downloaded already' },
  DOWNLOAD_FAILED: { http: 400, exit: 5, means: 'the archive could not be fetched' },
  TOKEN_REFUSED: { http: 400, exit: 5, means: 'the token is missing, wrong, expired or of another kind' },
  MODEL_CONFLICT: { http: 409, exit: 5, means: 'this model version is registered already' },
  MODEL_DEFAULT_KEPT: {
    http: 403,
    exit: 5,
    means: 'the default version cannot be removed while other versions are there',
  },
} as const satisfies Record<string, CodeRow>;
