import { EisenError } from '../errors/error.js';
import type { ErrorCode } from '../errors/table.js';

/** The error for an archive that is not accepted: `name.mar: entry 'x': message`. */
export function refuse(
  code: ErrorCode,
  where: string,
  message: string,
  details: { expected?: string; found?: string; hint?: string; cause?: unknown } = {},
): EisenError {
  return new EisenError(code, `${where}: ${message}`, { where, ...details });
}

/** Text from an untrusted archive, safe to print: control and invisible characters are shown as escapes, long text is cut. */
export function showText(text: string): string {
  const cut = text.length > 80 ? `${text.slice(0, 77)}…` : text;
  if (/^[ -&(-[\]-~]*$/.test(cut)) return cut;
  return cut.replace(/[\p{C}\p{Z}'\\]/gu, (char) =>
    char === ' ' ? char : `\\u{${char.codePointAt(0)!.toString(16)}}`,
  );
}
