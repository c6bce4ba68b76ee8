import { EisenError } from '../core/errors/error.js';
import type { TensorDescription } from '../core/metadata/metadata.js';

/** `name=value`; a text without `=` has the name ''. A path may hold further `=` signs. */
export function parseNamed(text: string): { readonly name: string; readonly value: string } {
  const at = text.indexOf('=');
  return at < 0 ? { name: '', value: text } : { name: text.slice(0, at), value: text.slice(at + 1) };
}

/** `name:type:shape` as `image:ndarray:-1,1,64,64`; the shape may be left out, or empty for a scalar. */
export function parseDescription(text: string, flag: string): TensorDescription {
  const [, name, type, shape] = /^([^:]+):([^:]+)(?::([-\d,\s]*))?$/.exec(text) ?? [];
  if (name === undefined || type === undefined) {
    throw new EisenError('USAGE', `${flag}: found '${text}'; expected name:type:shape, as image:ndarray:-1,1,64,64.`, {
      where: flag,
    });
  }
  return { name, type, shape: parseShape(shape ?? '', flag) };
}

function parseShape(text: string, flag: string): number[] {
  if (text.trim() === '') return [];
  return text.split(',').map((part) => {
    const length = Number(part);
    if (part.trim() !== '' && Number.isSafeInteger(length)) return length;
    throw new EisenError(
      'USAGE',
      `${flag}: '${text}' is no shape; expected lengths separated by commas, -1 for a free axis.`,
      {
        where: flag,
      },
    );
  });
}

/** Seconds as a person writes them (`90`, `0.5`) in milliseconds. */
export function parseSeconds(text: string, flag: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds > 0 && seconds <= 1_000_000) return Math.round(seconds * 1000);
  throw new EisenError('USAGE', `${flag}: found '${text}'; expected a number of seconds above 0.`, { where: flag });
}

/** A number of times, 0 to 1000. */
export function parseCount(text: string, flag: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) <= 1000) return Number(text);
  throw new EisenError('USAGE', `${flag}: found '${text}'; expected a whole number from 0 to 1000.`, { where: flag });
}
