import { EisenError } from '../../errors/error.js';

/** No route of this listener knows the path; the hint says which other one does. */
export function refusePath(path: string, hint?: string): EisenError {
  return new EisenError('ROUTE_NOT_FOUND', 'Requested resource is not found, please refer to API document.', {
    found: path.slice(0, 200),
    hint,
  });
}

/** The path is known, but not for this method. */
export function refuseMethod(hint?: string): EisenError {
  return new EisenError('METHOD_NOT_ALLOWED', 'Requested method is not allowed, please refer to API document.', {
    hint,
  });
}
