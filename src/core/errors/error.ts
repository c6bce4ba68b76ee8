import { ERROR_TABLE, type ErrorCode } from './table.js';

/** What an error tells beside its sentence; every field is optional and safe to show to a client. */
export interface ErrorDetails {
  /** Where: a file, an entry, a field, a JSON pointer, a byte offset. */
  readonly where?: string;
  readonly expected?: string;
  readonly found?: string;
  /** What to do next. */
  readonly hint?: string;
  /** Seconds after which asking again may help. */
  readonly retryAfterS?: number;
}

/**
 * The one error class of the project. `code` is stable and documented; HTTP status and exit code follow from it
 * (see table.ts). `message` is one sentence that says what, where, expected, found; it never carries a stack or an
 * absolute path of the server when it leaves the process through HTTP.
 */
export class EisenError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: ErrorDetails & { cause?: unknown } = {}) {
    const { cause, ...details } = options;
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'EisenError';
    this.code = code;
    this.details = details;
  }

  get httpStatus(): number {
    return ERROR_TABLE[this.code].http;
  }

  get exitCode(): number {
    return ERROR_TABLE[this.code].exit;
  }
}

/** True for our own errors; the test is on the shape so that two copies of this module agree. */
export function isEisenError(value: unknown): value is EisenError {
  return value instanceof Error && value.name === 'EisenError' && 'code' in value;
}
