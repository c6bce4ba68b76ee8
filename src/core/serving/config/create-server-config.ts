import path from 'node:path';
import { EisenError } from '../../errors/error.js';
import { LIMITS } from '../../limits.js';
import { PREPACKING } from '../../model/prepacking.js';
import { checkManagementExposure, readAddresses } from './address-config.js';
import { type ConfigValues, readBoolean, readChoice, readInteger, readPattern, readText } from './config-values.js';
import { type Environment, mergeConfigValues } from './effective-values.js';
import { parseModelOverrides } from './model-overrides.js';
import { readAllowedUrls, readCors, readTlsSource, readTokenConfig } from './security-config.js';
import type { ServeFlags } from './serve-flags.js';
import type { LogConfig, ServerConfig, StartupModel } from './server-config.js';

const MiB = 1024 * 1024;
/** The longest delay a timer can be set to; what `debug` means by "no timeout". */
const LONGEST_MS = 2 ** 31 - 1;
const LONGEST_S = Math.floor(LONGEST_MS / 1000);

/** Parses `load_models`: `ALL` in any letter case, or items `[name=]url` with commas between. */
export function parseLoadModels(text: string): 'ALL' | StartupModel[] {
  if (text.trim().toUpperCase() === 'ALL') return 'ALL';
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => {
      const at = item.indexOf('=');
      return at < 0 ? { name: null, url: item } : { name: item.slice(0, at).trim(), url: item.slice(at + 1).trim() };
    });
}

function readMetricsMode(values: ConfigValues, warnings: string[]): ServerConfig['metricsMode'] {
  const text = readText(values, 'metrics_mode');
  if (text === null) return 'prometheus';
  const mode = text.replace(/\s/g, '').toLowerCase();
  if (mode === 'log' || mode === 'prometheus' || mode === 'legacy') return mode;
  warnings.push(`metrics_mode: found '${text}'; expected log, prometheus or legacy. log is used, as the peer does.`);
  return 'log';
}

function readLogConfig(values: ConfigValues, env: Environment, cwd: string): LogConfig {
  return {
    folder: path.resolve(cwd, env['LOG_LOCATION'] || 'logs'),
    metricsFolder: path.resolve(cwd, env['METRICS_LOCATION'] || 'logs'),
    form: readChoice(values, 'log_format', ['text', 'json']) ?? 'text',
    rotateBytes: readInteger(values, 'log_rotate_size', { fallback: 100 * MiB, min: 4096 }),
    rotateFiles: readInteger(values, 'log_rotate_files', { fallback: 5, max: 100 }),
  };
}

function readPath(values: ConfigValues, key: string, cwd: string): string | null {
  const text = readText(values, key);
  return text === null ? null : path.resolve(cwd, text);
}

type Limits = Pick<
  ServerConfig,
  | 'defaultWorkersPerModel'
  | 'defaultResponseTimeoutMs'
  | 'defaultStartupTimeoutMs'
  | 'unregisterModelTimeoutMs'
  | 'jobQueueSize'
  | 'maxRequestBytes'
  | 'maxResponseBytes'
  | 'maxConnections'
  | 'drainGraceMs'
  | 'initialWorkerPort'
>;

function readLimits(values: ConfigValues, debug: boolean): Limits {
  const readSeconds = (key: string, fallback: number): number =>
    readInteger(values, key, { fallback, max: LONGEST_S }) * 1000;
  return {
    defaultWorkersPerModel: debug ? 1 : readInteger(values, 'default_workers_per_model', { fallback: 0, max: 1024 }),
    defaultResponseTimeoutMs: debug ? LONGEST_MS : readSeconds('default_response_timeout', 120),
    defaultStartupTimeoutMs: debug ? LONGEST_MS : readSeconds('default_startup_timeout', 120),
    unregisterModelTimeoutMs: readSeconds('unregister_model_timeout', 120),
    jobQueueSize: readInteger(values, 'job_queue_size', { fallback: 100, min: 1, max: 1_000_000 }),
    maxRequestBytes: readInteger(values, 'max_request_size', { fallback: LIMITS.requestBytes }),
    maxResponseBytes: readInteger(values, 'max_response_size', { fallback: LIMITS.requestBytes }),
    maxConnections: readInteger(values, 'max_connections', { fallback: 512, min: 1, max: 65_536 }),
    drainGraceMs: readSeconds('drain_grace', 30),
    initialWorkerPort: readInteger(values, 'initial_worker_port', { fallback: 9000, max: 65_535 }),
  };
}

/** The stores as absolute paths; the workflow store is the model store unless it is named. */
function readStores(values: ConfigValues, cwd: string): Pick<ServerConfig, 'modelStore' | 'workflowStore'> {
  const store = readText(values, 'model_store');
  if (store === null) {
    throw new EisenError('CONFIG_INVALID', 'Missing mandatory parameter --model-store', { where: 'model_store' });
  }
  const modelStore = path.resolve(cwd, store);
  return { modelStore, workflowStore: readPath(values, 'workflow_store', cwd) ?? modelStore };
}

/**
 * Makes the configuration of a server from a properties file, the environment and the command line. Pure: reads no file.
 * Precedence of a value: environment (`TS_*`, when `enable_envvars_config=true`) over command line over file.
 * @param input.cwd the folder that relative paths start from
 * @throws EisenError CONFIG_INVALID with one line that names the key, what was expected and what was found.
 */
export function createServerConfig(input: {
  readonly properties: ReadonlyMap<string, string>;
  readonly env: Environment;
  readonly flags: ServeFlags;
  readonly cwd: string;
}): { config: ServerConfig; warnings: string[] } {
  const { env, flags, cwd } = input;
  const { values, warnings } = mergeConfigValues(input);
  const tls = readTlsSource(values, cwd);
  const addresses = readAddresses(values, flags, tls);
  const debug = readBoolean(values, 'debug', false);
  const blocked = readText(values, 'blacklist_env_vars');
  const config: ServerConfig = {
    ...addresses,
    ...readStores(values, cwd),
    ...readLimits(values, debug),
    loadModels: parseLoadModels(values.get('load_models') ?? ''),
    modelOverrides: parseModelOverrides(readText(values, 'models') ?? '{}'),
    modelSnapshot: readText(values, 'model_snapshot'),
    writeSnapshots: flags.noConfigSnapshots !== true,
    decodeInputRequest: readBoolean(values, 'decode_input_request', true),
    serviceEnvelope: readChoice(values, 'service_envelope', ['body', 'json', 'kserve', 'kservev2']),
    defaultServiceHandler: readText(values, 'default_service_handler'),
    limitMaxImagePixels: readBoolean(values, 'limit_max_image_pixels', true),
    allowedUrls: readAllowedUrls(values),
    allowPrivateUrls: readBoolean(values, 'allow_private_urls', false),
    enableModelApi: readBoolean(values, 'enable_model_api', false),
    tokens: readTokenConfig(values, addresses, { cwd, warnings }),
    tls,
    cors: readCors(values),
    metricsMode: readMetricsMode(values, warnings),
    metricsFile: readPath(values, 'metrics_config', cwd),
    modelMetricsAutoDetect: readBoolean(values, 'model_metrics_auto_detect', false),
    systemMetrics: !readBoolean(values, 'disable_system_metrics', false),
    systemMetricsIntervalMs:
      readInteger(values, 'metric_time_interval', { fallback: 60, min: 1, max: LONGEST_S }) * 1000,
    blockedWorkerEnv: blocked === null ? null : readPattern('blacklist_env_vars', blocked),
    debug,
    device: readText(values, 'device') ?? 'cpu',
    workerMemoryLimitBytes: values.has('worker_memory_limit')
      ? readInteger(values, 'worker_memory_limit', { fallback: 0, min: 64 * MiB })
      : null,
    recycleAfterJobs: readInteger(values, 'recycle_after_jobs', { fallback: 0 }),
    selfTestModels: readBoolean(values, 'self_test_models', false),
    prepackWeights: readChoice(values, 'prepack_weights', PREPACKING) ?? 'auto',
    allowArchiveCode: readBoolean(values, 'allow_archive_code', false),
    pythonCommand: readText(values, 'python') ?? 'python3',
    logs: readLogConfig(values, env, cwd),
    properties: values,
  };
  checkTlsPresence(config);
  warnings.push(...checkManagementExposure(config, readBoolean(values, 'dangerously_expose_management', false)));
  return { config, warnings };
}

function checkTlsPresence(config: ServerConfig): void {
  const { inferenceAddress, managementAddress, metricsAddress, tls } = config;
  const wantsTls = [inferenceAddress, managementAddress, metricsAddress].some(
    (address) => address?.kind === 'tcp' && address.tls,
  );
  if (wantsTls && tls === null) {
    throw new EisenError(
      'CONFIG_INVALID',
      'an https address needs a certificate; expected keystore, or private_key_file with certificate_file; found none.',
      { where: 'keystore', expected: 'keystore, or private_key_file and certificate_file', found: 'none' },
    );
  }
}
