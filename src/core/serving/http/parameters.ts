import { EisenError } from '../../errors/error.js';
import { readBody } from './body.js';
import type { Exchange } from './exchange.js';
import { mimeOf } from './job-parameters.js';

/** Parameters of a management call by name, wherever they came from. */
export type Parameters = Pick<URLSearchParams, 'get'>;

const BODY_LIMIT = 64 * 1024;

function invalidBody(reason: string): EisenError {
  return new EisenError('PARAMETER_INVALID', `The JSON body cannot be read: ${reason}.`, { where: 'request body' });
}

/** The scalars of a JSON object, as texts. */
function parseJsonParameters(text: string): Parameters {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalidBody((cause as Error).message.slice(0, 100));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidBody('it is no object');
  const scalars = new Map<string, string>();
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean')
      scalars.set(key, String(item));
    else if (item !== null) throw invalidBody(`${key.slice(0, 40)} is neither text, number nor flag`);
  }
  return { get: (name) => scalars.get(name) ?? null };
}

/** From the body when it is JSON (then the query has no say), else from the query. */
export async function readParameters(exchange: Exchange): Promise<Parameters> {
  const mime = mimeOf(exchange.request.headers['content-type']).toLowerCase();
  if (mime !== 'application/json') return exchange.target.query;
  return parseJsonParameters(Buffer.concat(await readBody(exchange, BODY_LIMIT)).toString('utf8'));
}

/** A whole number of 32 bits; anything else is the fallback, silently, as clients of TorchServe rely on. */
export function readInteger<Fallback>(parameters: Parameters, name: string, fallback: Fallback): number | Fallback {
  const text = parameters.get(name);
  if (text === null || !/^[+-]?\d{1,10}$/.test(text)) return fallback;
  const value = Number(text);
  return (value | 0) === value ? value : fallback;
}

/** As readInteger, but a number below `min` is refused: PARAMETER_INVALID. */
export function readCount<Fallback>(
  parameters: Parameters,
  name: string,
  options: { readonly fallback: Fallback; readonly min: number },
): number | Fallback {
  const value = readInteger(parameters, name, options.fallback);
  if (typeof value !== 'number' || value >= options.min) return value;
  throw new EisenError('PARAMETER_INVALID', `${name}: found ${value}; expected at least ${options.min}.`, {
    where: name,
    expected: `at least ${options.min}`,
    found: String(value),
  });
}

/** Anything but `true`, in any letter case, is false. */
export function readFlag(parameters: Parameters, name: string, fallback: boolean): boolean {
  const text = parameters.get(name);
  return text === null ? fallback : text.toLowerCase() === 'true';
}
