import type { Archive } from '../../archive/archive.js';
import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';
import type { ModelSettings } from '../model-runtime.js';

/** Keys of TorchServe's model configuration file that mean something here, their unit, and the smallest value. */
const NUMBERS: ReadonlyMap<
  string,
  { readonly to: keyof ModelSettings; readonly factor: number; readonly least: number }
> = new Map([
  ['minWorkers', { to: 'minWorkers', factor: 1, least: 0 }],
  ['maxWorkers', { to: 'maxWorkers', factor: 1, least: 0 }],
  ['batchSize', { to: 'batchSize', factor: 1, least: 1 }],
  ['maxBatchDelay', { to: 'maxBatchDelayMs', factor: 1, least: 0 }],
  ['responseTimeout', { to: 'responseTimeoutMs', factor: 1000, least: 0 }],
  ['startupTimeout', { to: 'startupTimeoutMs', factor: 1000, least: 0 }],
  ['maxRetryTimeoutInSec', { to: 'maxRetryTimeoutMs', factor: 1000, least: 0 }],
  ['clientTimeoutInMills', { to: 'clientTimeoutMs', factor: 1, least: 0 }],
  ['jobQueueSize', { to: 'jobQueueSize', factor: 1, least: 1 }],
  ['memoryLimitMb', { to: 'memoryLimitBytes', factor: 1024 * 1024, least: 0 }],
  ['recycleAfterJobs', { to: 'recycleAfterJobs', factor: 1, least: 0 }],
]);

function readNumber(key: string, text: string, where: string): number {
  const { factor, least } = NUMBERS.get(key)!;
  const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least) return value * factor;
  throw new EisenError(
    'CONFIG_INVALID',
    `${where}: ${key} is '${text.slice(0, 40)}'; expected a whole number from ${least}.`,
    {
      where,
      found: text.slice(0, 40),
    },
  );
}

/**
 * The settings in a model configuration file: its `key: value` lines at the left margin. Indented blocks and keys that
 * other handlers read are left alone; anchors, tags and merges are never followed. Throws CONFIG_INVALID.
 */
export function parseModelConfig(text: string, where: string): Partial<ModelSettings> {
  const settings: Record<string, number | string> = {};
  for (const line of text.split(/\r?\n/)) {
    const match = /^([A-Za-z]\w{0,63}):[ \t]+(\S[^#]*)/.exec(line);
    if (match === null) continue;
    const key = match[1]!;
    const value = match[2]!.trim().replace(/^(["'])(.*)\1$/, '$2');
    const row = NUMBERS.get(key);
    if (row !== undefined) settings[row.to] = readNumber(key, value, where);
    if (key === 'deviceType') settings['device'] = value;
  }
  return settings;
}

/** The configuration file that the manifest of an archive names; nothing when it names none. */
export async function readModelConfig(archive: Archive): Promise<Partial<ModelSettings>> {
  const name = archive.manifest?.model.configFile;
  if (name === undefined || !archive.entries.some((entry) => entry.name === name)) return {};
  const bytes = await archive.readEntry(name, { limitBytes: LIMITS.configFileBytes });
  return parseModelConfig(Buffer.from(bytes).toString('utf8'), name);
}
