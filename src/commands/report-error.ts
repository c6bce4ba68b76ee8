import { type EisenError, isEisenError } from '../core/errors/error.js';
import { asFileError } from '../core/files/file-error.js';
import { renderJson } from './render-json.js';
import { createStyle, type Style } from './style.js';

/** What `--json` gives on stdout in the place of a result. */
interface ErrorReport {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly where?: string;
    readonly expected?: string;
    readonly found?: string;
    readonly hint?: string;
    readonly exitCode: number;
  };
}

interface ReportOptions {
  /** Also as one JSON object on stdout. */
  readonly json: boolean;
}

/** Writes one error for a person to stderr, for a program to stdout when it asked for JSON, and gives the exit code of its kind. */
export function reportError(thrown: unknown, { json }: ReportOptions): number {
  const error = asFileError(thrown);
  const style = createStyle(process.stderr, process.env);
  const report = asReport(error);
  if (json) process.stdout.write(renderJson(report));
  process.stderr.write(isEisenError(error) ? renderError(error, style) : renderFault(error, style));
  return report.error.exitCode;
}

/** The same for a command line that commander refused; it has told the person already. */
export function reportUsage(message: string, { json }: ReportOptions): number {
  const text = message.replace(/^error: /, '');
  if (json)
    process.stdout.write(renderJson({ error: { code: 'USAGE', message: text, exitCode: 2 } } satisfies ErrorReport));
  return 2;
}

function asReport(error: unknown): ErrorReport {
  if (isEisenError(error)) {
    return { error: { code: error.code, message: error.message, ...error.details, exitCode: error.exitCode } };
  }
  return { error: { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error), exitCode: 1 } };
}

function renderError({ message, code, details }: EisenError, { bad, dim }: Style): string {
  // The message of a damaged file ends with its hint, for replies over HTTP show nothing else.
  const hint = details.hint === undefined || message.includes(details.hint) ? '' : `  ${details.hint}\n`;
  return `${bad('eisen-deploy:')} ${message} ${dim(`[${code}]`)}\n${hint}`;
}

function renderFault(error: unknown, { bad }: Style): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${bad('eisen-deploy: internal error:')} ${text}\n`;
}
