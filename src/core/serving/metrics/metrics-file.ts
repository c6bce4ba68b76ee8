import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';
import { LABEL_NAME, METRIC_NAME, type MetricKind, type MetricSpec } from './metric-spec.js';

const SECTIONS = { ts_metrics: 'server', model_metrics: 'model' } as const;
const KINDS: readonly string[] = ['counter', 'gauge', 'histogram'] satisfies MetricKind[];
/** Aliases of one anchor; a file names the same few dimensions over and over. Nothing is copied for them. */
const MAX_ALIASES = 10_000;

function fail(where: string, message: string, cause?: unknown): never {
  throw new EisenError('METRICS_FILE_INVALID', `${where}: ${message}`, { where, cause });
}

type Mapping = Readonly<Record<string, unknown>>;

/** A mapping with none but the allowed keys; an absent or empty one is empty. */
function readMapping(value: unknown, allowed: readonly string[], where: string): Mapping {
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value)) fail(where, `no mapping; expected ${allowed.join(', ')}.`);
  const unknown = Object.keys(value).find((key) => !allowed.includes(key));
  if (unknown !== undefined) fail(where, `found the key '${unknown}'; expected one of ${allowed.join(', ')}.`);
  return value as Mapping;
}

function readList(value: unknown, where: string): readonly unknown[] {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value : fail(where, 'no list.');
}

function readDimensions(value: unknown, kind: MetricKind, where: string): string[] {
  if (!Array.isArray(value)) fail(where, 'no list of dimensions; [] is none.');
  const labels = value.map((label: unknown, at) => {
    if (typeof label === 'string' && LABEL_NAME.test(label)) return label;
    return fail(`${where}[${at}]`, `found ${JSON.stringify(label)}; expected letters, digits and _ for a dimension.`);
  });
  const repeated = labels.find((label, at) => labels.indexOf(label) !== at);
  if (repeated !== undefined) fail(where, `${repeated} is there twice.`);
  if (kind === 'histogram' && labels.includes('le')) fail(where, 'le is the label of a histogram for its own buckets.');
  return labels;
}

function readSpec(value: unknown, section: MetricSpec['section'], kind: MetricKind, where: string): MetricSpec {
  const { name, unit, dimensions } = readMapping(value, ['name', 'unit', 'dimensions'], where);
  if (typeof name !== 'string' || !METRIC_NAME.test(name)) {
    fail(where, `the name is ${JSON.stringify(name) ?? 'missing'}; expected letters, digits, _ and :.`);
  }
  if (typeof unit !== 'string' || !/^[^\r\n\\]{1,40}$/.test(unit)) {
    fail(
      `${where} (${name})`,
      `the unit is ${JSON.stringify(unit) ?? 'missing'}; expected a word such as Count or ms.`,
    );
  }
  // The server adds the host to what a worker reports, so a file does not name it there.
  const all = section === 'model' && Array.isArray(dimensions) ? [...dimensions, 'Hostname'] : dimensions;
  return { name, unit, kind, section, labels: readDimensions(all, kind, `${where} (${name}).dimensions`) };
}

function checkNames(specs: readonly MetricSpec[], where: string): void {
  const seen = new Set<string>();
  for (const { name } of specs) {
    if (seen.has(name)) fail(where, `${name} is there twice; a metric has one type and one list of dimensions.`);
    if (name.startsWith('eisen_')) fail(where, `${name}: names that begin with eisen_ are the server's own.`);
    seen.add(name);
  }
}

/**
 * Parses a metrics file of TorchServe: under `ts_metrics` what the server counts, under `model_metrics` what handlers report,
 * in each lists `counter`, `gauge` and `histogram` of `{name, unit, dimensions}`.
 * @throws EisenError METRICS_FILE_INVALID with the place in the file
 */
export function parseMetricsFile(text: string, where: string): MetricSpec[] {
  let parsed: unknown;
  try {
    parsed = parse(text, { maxAliasCount: MAX_ALIASES, logLevel: 'error' });
  } catch (cause) {
    fail(where, `no YAML: ${(cause instanceof Error ? cause.message : String(cause)).split('\n')[0]}`, cause);
  }
  if (parsed === null) fail(where, 'the file is empty; expected ts_metrics and model_metrics.');
  const root = readMapping(parsed, ['dimensions', ...Object.keys(SECTIONS)], where);
  const specs: MetricSpec[] = [];
  for (const [key, section] of Object.entries(SECTIONS)) {
    const lists = readMapping(root[key], KINDS, `${where}: ${key}`);
    for (const kind of KINDS as MetricKind[]) {
      readList(lists[kind], `${where}: ${key}.${kind}`).forEach((item, at) => {
        if (specs.length === LIMITS.metricFamilies) fail(where, `more than ${LIMITS.metricFamilies} metrics.`);
        specs.push(readSpec(item, section, kind, `${where}: ${key}.${kind}[${at}]`));
      });
    }
  }
  checkNames(specs, where);
  return specs;
}

/** Reads a metrics file, of LIMITS.metricsFileBytes at most. */
export function readMetricsFile(file: string): MetricSpec[] {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (cause) {
    return fail(file, 'the file that metrics_config names cannot be read.', cause);
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) fail(file, 'metrics_config names no file.');
    if (stats.size > LIMITS.metricsFileBytes) {
      fail(file, `${stats.size} bytes; expected at most ${LIMITS.metricsFileBytes}. This is no metrics file.`);
    }
    return parseMetricsFile(readFileSync(fd, 'utf8'), file);
  } finally {
    closeSync(fd);
  }
}
