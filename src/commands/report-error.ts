import { isEisenError } from '../core/errors/error.js';

/** Writes one error for a person to stderr and gives the exit code that its kind has. */
export function reportError(error: unknown): number {
  if (isEisenError(error)) {
    process.stderr.write(`eisen-deploy: ${error.message} [${error.code}]\n`);
    if (error.details.hint !== undefined) process.stderr.write(`  ${error.details.hint}\n`);
    return error.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`eisen-deploy: internal error: ${text}\n`);
  return 1;
}
