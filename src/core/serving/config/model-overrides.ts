import { EisenError } from '../../errors/error.js';

/** Settings of one model version from the key `models`; a setting that is absent or not a positive integer is left out. */
export interface ModelOverride {
  readonly minWorkers?: number;
  readonly maxWorkers?: number;
  readonly batchSize?: number;
  readonly maxBatchDelayMs?: number;
  readonly responseTimeoutMs?: number;
  readonly startupTimeoutMs?: number;
  readonly defaultVersion?: boolean;
  readonly marName?: string;
}

/** Model name → version → settings. */
export type ModelOverrides = ReadonlyMap<string, ReadonlyMap<string, ModelOverride>>;

const NUMBERS: readonly { readonly key: string; readonly to: keyof ModelOverride; readonly factor: number }[] = [
  { key: 'minWorkers', to: 'minWorkers', factor: 1 },
  { key: 'maxWorkers', to: 'maxWorkers', factor: 1 },
  { key: 'batchSize', to: 'batchSize', factor: 1 },
  { key: 'maxBatchDelay', to: 'maxBatchDelayMs', factor: 1 },
  { key: 'responseTimeout', to: 'responseTimeoutMs', factor: 1000 },
  { key: 'startupTimeout', to: 'startupTimeoutMs', factor: 1000 },
];

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function requireObject(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (isObject(value)) return value;
  const found = JSON.stringify(value) ?? 'nothing';
  throw new EisenError('CONFIG_INVALID', `${where}: found ${found.slice(0, 60)}; expected a JSON object.`, {
    where,
    expected: 'a JSON object',
    found: found.slice(0, 60),
  });
}

function readOverride(row: Readonly<Record<string, unknown>>): ModelOverride {
  const override: Record<string, number | boolean | string> = {};
  for (const { key, to, factor } of NUMBERS) {
    const value = row[key];
    if (typeof value === 'number' && Number.isInteger(value) && value > 0) override[to] = value * factor;
  }
  if (row['defaultVersion'] === true) override['defaultVersion'] = true;
  if (typeof row['marName'] === 'string' && row['marName'] !== '') override['marName'] = row['marName'];
  return override;
}

/** Reads a table `{name: {version: settings}}`, the form of the key `models` and of a snapshot's models. */
export function readModelOverrides(value: unknown, where: string): ModelOverrides {
  const models = new Map<string, Map<string, ModelOverride>>();
  for (const [name, versions] of Object.entries(requireObject(value, where))) {
    const rows = Object.entries(requireObject(versions, `${where}.${name}`));
    models.set(
      name,
      new Map(rows.map(([version, row]) => [version, readOverride(requireObject(row, `${where}.${name}.${version}`))])),
    );
  }
  return models;
}

/**
 * Parses the JSON of the key `models`.
 * @throws EisenError CONFIG_INVALID when it is no JSON object of objects of objects.
 */
export function parseModelOverrides(text: string): ModelOverrides {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new EisenError('CONFIG_INVALID', `models: not JSON (${(cause as Error).message}).`, {
      where: 'models',
      expected: '{"name": {"version": {"minWorkers": 1}}}',
      found: text.slice(0, 60),
      cause,
    });
  }
  return readModelOverrides(value, 'models');
}
