import { EisenError } from '../../errors/error.js';

/** Values by key, as texts; the readers below parse them and name key, expected and found where one is wrong. */
export type ConfigValues = ReadonlyMap<string, string>;

export function failConfig(key: string, expected: string, found: string, hint?: string): never {
  throw new EisenError(
    'CONFIG_INVALID',
    `${key}: found '${found}'; expected ${expected}.${hint === undefined ? '' : ` ${hint}`}`,
    { where: key, expected, found, hint },
  );
}

/** The text of a key without outer blanks; null when it is absent or empty. */
export function readText(values: ConfigValues, key: string): string | null {
  const text = values.get(key)?.trim();
  return text === undefined || text === '' ? null : text;
}

export interface NumberRange {
  readonly fallback: number;
  readonly min?: number;
  readonly max?: number;
}

export function readInteger(values: ConfigValues, key: string, range: NumberRange): number {
  const text = values.get(key)?.trim();
  if (text === undefined) return range.fallback;
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = range;
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    const most = max === Number.MAX_SAFE_INTEGER ? '' : ` and <= ${max}`;
    failConfig(key, `an integer >= ${min}${most}`, text);
  }
  return value;
}

export function readBoolean(values: ConfigValues, key: string, fallback: boolean): boolean {
  const text = values.get(key)?.trim().toLowerCase();
  if (text === undefined) return fallback;
  if (text !== 'true' && text !== 'false') failConfig(key, 'true or false', text);
  return text === 'true';
}

export function readChoice<T extends string>(values: ConfigValues, key: string, choices: readonly T[]): T | null {
  const text = readText(values, key);
  if (text === null) return null;
  const choice = choices.find((name) => name === text.toLowerCase());
  return choice ?? failConfig(key, `one of ${choices.join(', ')}`, text);
}

/** A pattern that has to match a whole text, letter case aside, as the peer matches. */
export function readPattern(key: string, source: string): RegExp {
  try {
    return new RegExp(`^(?:${source})$`, 'i');
  } catch {
    return failConfig(key, 'a regular expression', source);
  }
}

/**
 * Replaces every `$$NAME$$` by the environment variable of that name.
 * @throws EisenError CONFIG_INVALID when the variable is not set.
 */
export function expandVariables(text: string, env: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\$\$([^$]+)\$\$/g, (_, name: string) => {
    const value = env[name];
    if (value !== undefined) return value;
    throw new EisenError('CONFIG_INVALID', `Invalid Environment Variable ${name}`, {
      where: name,
      expected: 'a variable that is set',
      found: 'none',
    });
  });
}
