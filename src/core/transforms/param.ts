import type { Plain } from '../tensor/value.js';

export type JsonSchema = { readonly [key: string]: Plain };

/** One parameter of a transform: what it may be, what it is when left out, and one line for the documentation. */
export interface Param<T> {
  readonly doc: string;
  /** The value when the chain leaves the parameter out; undefined: it must be given. */
  readonly default: T | undefined;
  readonly schema: JsonSchema;
  /** What a good value is, for an error message: 'a whole number from 1'. */
  readonly expected: string;
  /** The value as the transform wants it, or undefined when the JSON value does not fit. */
  read(value: unknown): T | undefined;
}

export type Params = Readonly<Record<string, Param<unknown>>>;

/** The parsed parameters of a table of parameters. */
export type ValuesOf<P extends Params> = { readonly [K in keyof P]: P[K] extends Param<infer T> ? T : never };

interface Options<T> {
  readonly default?: T;
}

interface Range {
  readonly min?: number;
  readonly max?: number;
  /** The minimum itself is not allowed. */
  readonly above?: number;
}

/** Names that JavaScript objects treat in their own way: refused as field names, so that no reply can carry them. */
const FORBIDDEN_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

const isFieldName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && !FORBIDDEN_NAMES.has(value);

const fits = (value: number, { min, max, above }: Range): boolean =>
  Number.isFinite(value) &&
  (min === undefined || value >= min) &&
  (max === undefined || value <= max) &&
  (above === undefined || value > above);

const rangeText = ({ min, max, above }: Range): string =>
  [
    min === undefined ? '' : ` from ${min}`,
    above === undefined ? '' : ` above ${above}`,
    max === undefined ? '' : ` to ${max}`,
  ].join('');

const rangeSchema = ({ min, max, above }: Range): Record<string, number> => ({
  ...(min === undefined ? {} : { minimum: min }),
  ...(above === undefined ? {} : { exclusiveMinimum: above }),
  ...(max === undefined ? {} : { maximum: max }),
});

function makeParam<T>(parts: Omit<Param<T>, 'default'>, options: Options<T> | undefined): Param<T> {
  return { ...parts, default: options?.default };
}

export function fieldParam(doc: string, options?: Options<string>): Param<string> {
  return makeParam(
    {
      doc,
      expected: 'a field name',
      schema: { type: 'string', minLength: 1 },
      read: (value) => (isFieldName(value) ? value : undefined),
    },
    options,
  );
}

/** A list of field names; at least one unless `mayBeEmpty`. */
export function fieldsParam(
  doc: string,
  options?: Options<readonly string[]> & { mayBeEmpty?: boolean },
): Param<readonly string[]> {
  const least = options?.mayBeEmpty ? 0 : 1;
  return makeParam(
    {
      doc,
      expected: `a list of ${least === 0 ? '' : 'one or more '}field names`,
      schema: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: least },
      read: (value) =>
        Array.isArray(value) && value.length >= least && value.every(isFieldName) ? [...value] : undefined,
    },
    options,
  );
}

export function numberParam(doc: string, options: Options<number> & Range = {}): Param<number> {
  return makeParam(
    {
      doc,
      expected: `a number${rangeText(options)}`,
      schema: { type: 'number', ...rangeSchema(options) },
      read: (value) => (typeof value === 'number' && fits(value, options) ? value : undefined),
    },
    options,
  );
}

export function integerParam(doc: string, options: Options<number> & Range = {}): Param<number> {
  return makeParam(
    {
      doc,
      expected: `a whole number${rangeText(options)}`,
      schema: { type: 'integer', ...rangeSchema(options) },
      read: (value) => (Number.isSafeInteger(value) && fits(value as number, options) ? (value as number) : undefined),
    },
    options,
  );
}

export function booleanParam(doc: string, options?: Options<boolean>): Param<boolean> {
  return makeParam(
    {
      doc,
      expected: 'true or false',
      schema: { type: 'boolean' },
      read: (value) => (typeof value === 'boolean' ? value : undefined),
    },
    options,
  );
}

export function stringParam(doc: string, options?: Options<string>): Param<string> {
  return makeParam(
    {
      doc,
      expected: 'a text',
      schema: { type: 'string' },
      read: (value) => (typeof value === 'string' ? value : undefined),
    },
    options,
  );
}

/** One of a closed list of words. */
export function choiceParam<const C extends string>(
  doc: string,
  choices: readonly C[],
  options?: Options<NoInfer<C>>,
): Param<C> {
  return makeParam<C>(
    {
      doc,
      expected: `one of ${choices.map((choice) => `'${choice}'`).join(', ')}`,
      schema: { enum: [...choices] },
      read: (value) => choices.find((choice) => choice === value),
    },
    options,
  );
}

/** A list of values of another parameter kind; `length` fixes how many. */
export function listParam<T>(
  item: Param<T>,
  options: Options<readonly T[]> & { length?: number; least?: number } = {},
): Param<readonly T[]> {
  const { length, least = 1 } = options;
  const count = length === undefined ? (least > 1 ? ` of at least ${least}` : '') : ` of exactly ${length}`;
  return makeParam<readonly T[]>(
    {
      doc: item.doc,
      expected: `a list${count}, each ${item.expected}`,
      schema: { type: 'array', items: item.schema, minItems: length ?? least, ...(length ? { maxItems: length } : {}) },
      read: (value) => {
        if (!Array.isArray(value) || (length === undefined ? value.length < least : value.length !== length))
          return undefined;
        const read = value.map((entry) => item.read(entry));
        return read.some((entry) => entry === undefined) ? undefined : (read as T[]);
      },
    },
    options,
  );
}

/** An object from field names (or labels) to values of another parameter kind. */
export function mappingParam<T>(
  item: Param<T>,
  options?: Options<ReadonlyMap<string, T>>,
): Param<ReadonlyMap<string, T>> {
  return makeParam<ReadonlyMap<string, T>>(
    {
      doc: item.doc,
      expected: `an object whose values are each ${item.expected}`,
      schema: { type: 'object', additionalProperties: item.schema },
      read: (value) => {
        if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
        const entries = Object.entries(value).map(([key, entry]) => [key, item.read(entry)] as const);
        if (entries.some(([key, entry]) => !isFieldName(key) || entry === undefined)) return undefined;
        return new Map(entries as (readonly [string, T])[]);
      },
    },
    options,
  );
}

/** One of two kinds, tried in order. */
export function eitherParam<A, B>(first: Param<A>, second: Param<B>, options?: Options<A | B>): Param<A | B> {
  return makeParam<A | B>(
    {
      doc: first.doc,
      expected: `${first.expected}, or ${second.expected}`,
      schema: { anyOf: [first.schema, second.schema] },
      read: (value) => first.read(value) ?? second.read(value),
    },
    options,
  );
}

/** The same kind, or null; null when left out. */
export function optionalParam<T>(item: Param<T>): Param<T | null> {
  return makeParam<T | null>(
    {
      doc: item.doc,
      expected: `${item.expected}, or null`,
      schema: { anyOf: [item.schema, { type: 'null' }] },
      read: (value) => (value === null ? null : item.read(value)),
    },
    { default: null },
  );
}

/** Any JSON value. */
export function jsonParam(doc: string): Param<Plain> {
  return makeParam<Plain>(
    {
      doc,
      expected: 'a JSON value',
      schema: {},
      read: (value) => (value === undefined ? undefined : (value as Plain)),
    },
    undefined,
  );
}
