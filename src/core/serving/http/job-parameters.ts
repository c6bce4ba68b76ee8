import type { JobParameter } from '../model-runtime.js';
import { type FormPart, hasBoundary, parseBoundary, splitMultipart } from './multipart.js';
import { splitUrlencoded } from './urlencoded.js';

/** The type of a content-type header without its parameters. */
export function mimeOf(contentType: string | undefined): string {
  if (contentType === undefined) return '';
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim();
}

/** Same-name fields: the last one wins. */
function keepLast(parameters: readonly JobParameter[]): JobParameter[] {
  return [...new Map(parameters.map((parameter) => [parameter.name, parameter])).values()];
}

/** TorchServe looks at the type of a file only: a field with a type of its own stays bytes. */
function forgetFieldTypes(parts: readonly FormPart[]): FormPart[] {
  return parts.map((part) => (part.fileName === undefined ? { ...part, contentType: '' } : part));
}

/**
 * The parts that a worker gets: one a field for a form, else one named `body` with the type of the request (empty when
 * it has none). Values point into `pieces`. A multipart type without a boundary is no form but a mistake of many clients:
 * the bare body is meant. `typedFields: false` is the rule of TorchServe's own handlers. Throws BODY_UNDECODABLE or LIMIT_EXCEEDED.
 */
export function splitBody(
  contentType: string | undefined,
  pieces: readonly Uint8Array[],
  options: { readonly typedFields: boolean } = { typedFields: true },
): JobParameter[] {
  const mime = mimeOf(contentType).toLowerCase();
  if (mime === 'multipart/form-data' && hasBoundary(contentType ?? '')) {
    const parts = splitMultipart(pieces, parseBoundary(contentType ?? ''));
    return keepLast(options.typedFields ? parts : forgetFieldTypes(parts));
  }
  if (mime === 'application/x-www-form-urlencoded') return keepLast(splitUrlencoded(pieces));
  return [{ name: 'body', contentType: mime === 'multipart/form-data' ? '' : mimeOf(contentType), value: pieces }];
}
