import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';

/** A request target, taken apart. Nothing is normalised: `..` and empty segments stay what they are and match no route. */
export interface Target {
  /** Percent-decoded, with its leading slash. */
  readonly path: string;
  /** The path cut at slashes, without the empty one before the first and without empty ones at the end. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
}

const ABSOLUTE = /^(https?):\/\/([^/?#]*)([^#]*)$/i;
const NO_QUERY = new URLSearchParams();

function refuse(reason: string, found: string): EisenError {
  return new EisenError('HTTP_MALFORMED', `Invalid HTTP message. ${reason}`, { where: 'request target', found });
}

function decodePath(raw: string): string {
  if (!raw.includes('%')) return raw;
  let path: string;
  try {
    path = decodeURIComponent(raw);
  } catch {
    throw refuse('The path holds a percent escape that is no UTF-8.', raw.slice(0, 100));
  }
  if (path.includes('\0')) throw refuse('The path holds a zero byte.', raw.slice(0, 100));
  return path;
}

/**
 * Parses the target of a request line. An absolute form counts as the path it names when it names this server
 * (`host` is the value of the Host header); `*` counts as `/`. Throws HTTP_MALFORMED.
 */
export function parseTarget(raw: string, host: string | undefined): Target {
  if (raw.length > LIMITS.httpTargetBytes) throw refuse('The target is too long.', `${raw.length} characters`);
  let origin = raw === '*' ? '/' : raw;
  if (!origin.startsWith('/')) {
    const absolute = ABSOLUTE.exec(origin);
    if (absolute === null || (host !== undefined && absolute[2]!.toLowerCase() !== host.toLowerCase())) {
      throw refuse('The target names another server.', raw.slice(0, 100));
    }
    origin = absolute[3]!.startsWith('/') ? absolute[3]! : `/${absolute[3]}`;
  }
  const mark = origin.indexOf('?');
  const path = decodePath(mark < 0 ? origin : origin.slice(0, mark));
  const segments = path.split('/').slice(1);
  while (segments.length > 0 && segments.at(-1) === '') segments.pop();
  return { path, segments, query: mark < 0 ? NO_QUERY : new URLSearchParams(origin.slice(mark + 1)) };
}
