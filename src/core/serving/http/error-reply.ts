import { EisenError, isEisenError } from '../../errors/error.js';
import type { ErrorCode } from '../../errors/table.js';
import { jsonReply, type Reply } from './reply.js';

/** The exception names that clients of TorchServe match on; a code that is not listed gets the one of its status. */
const PEER_TYPES: Partial<Record<ErrorCode, string>> = {
  MODEL_NOT_FOUND: 'ModelNotFoundException',
  WORKFLOW_NOT_FOUND: 'WorkflowNotFoundException',
  MODEL_VERSION_NOT_FOUND: 'ModelVersionNotFoundException',
  MODEL_DEFAULT_KEPT: 'InvalidModelVersionException',
  TOKEN_REFUSED: 'InvalidKeyException',
  DOWNLOAD_FAILED: 'DownloadArchiveException',
  MODEL_URL_REFUSED: 'ModelNotFoundException',
};

const STATUS_TYPES: Record<number, string> = {
  400: 'BadRequestException',
  403: 'ForbiddenException',
  404: 'ResourceNotFoundException',
  405: 'MethodNotAllowedException',
  408: 'RequestTimeoutException',
  409: 'ConflictStatusException',
  413: 'RequestTooLargeException',
  415: 'UnsupportedMediaTypeException',
  501: 'NotImplementedException',
  503: 'ServiceUnavailableException',
};

/** Sentences that clients of TorchServe know; what really happened moves into `detail`. */
const PEER_SENTENCES: Partial<Record<ErrorCode, string>> = {
  WORKER_DIED: 'Worker died.',
  WORKER_OUT_OF_MEMORY: 'Worker died.',
  RESPONSE_TIMEOUT: 'Worker died.',
};

/** A client that is told to come back is told when; the shortest time there is unless more is known. */
const RETRY_AFTER_S = 1;

/** What is wrong with an archive has many codes of ours and one name there. */
const ARCHIVE_CODE = /^(MAR|ONNX|METADATA|PACKAGE)_/;

function peerType(code: ErrorCode, status: number): string {
  if (ARCHIVE_CODE.test(code)) return 'InvalidModelException';
  return PEER_TYPES[code] ?? STATUS_TYPES[status] ?? 'InternalServerException';
}

/** Anything thrown, as one of ours. A fault of this program tells the client nothing of itself: that belongs in the log. */
export function asEisenError(thrown: unknown): EisenError {
  if (isEisenError(thrown)) return thrown;
  return new EisenError('INTERNAL', 'The server failed on this request. The log tells more under the request id.', {
    cause: thrown,
  });
}

/** The body of every error: TorchServe's three fields first and unchanged, ours after them. */
export function errorBody(error: EisenError, requestId: string, status = error.httpStatus): Record<string, unknown> {
  const sentence = PEER_SENTENCES[error.code];
  return {
    code: status,
    type: peerType(error.code, status),
    message: sentence ?? error.message,
    detail: { code: error.code, ...(sentence === undefined ? {} : { reason: error.message }), ...error.details },
    requestId,
  };
}

/** `asStatus` only where the operator chooses the status; `retryAfterS` where it is known when a place will be free. */
export function errorReply(
  thrown: unknown,
  requestId: string,
  options: { readonly asStatus?: number; readonly retryAfterS?: number } = {},
): Reply {
  const error = asEisenError(thrown);
  const status = options.asStatus ?? error.httpStatus;
  const mayRetry = status === 503;
  return {
    ...jsonReply(
      status,
      errorBody(error, requestId, status),
      mayRetry ? [['retry-after', String(options.retryAfterS ?? error.details.retryAfterS ?? RETRY_AFTER_S)]] : [],
    ),
    keepsConnection: mayRetry || status === 413,
  };
}
