import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { EisenError, isEisenError } from '../../core/errors/error.js';
import { applySnapshot } from '../../core/serving/config/apply-snapshot.js';
import { checkSnapshotKeys } from '../../core/serving/config/check-snapshot.js';
import { createServerConfig } from '../../core/serving/config/create-server-config.js';
import { parseProperties } from '../../core/serving/config/properties.js';
import type { ServerConfig } from '../../core/serving/config/server-config.js';
import { pidFilePath } from '../../core/serving/lifecycle/pid-file.js';
import { newestSnapshot } from '../../core/serving/lifecycle/snapshot.js';
import type { MetricSpec } from '../../core/serving/metrics/metric-spec.js';
import { readMetricsFile } from '../../core/serving/metrics/metrics-file.js';
import { explainUnfilled } from '../../core/serving/metrics/peer-families.js';
import type { ServeOptions } from './serve-options.js';

type Environment = Readonly<Record<string, string | undefined>>;

export const ALREADY_RUNNING = 'TorchServe is already running, please use torchserve --stop to stop TorchServe.';

/** Which server it is; with another TMPDIR a second one may run beside it. */
export function describeRunning(pid: number): string {
  return `It has process id ${pid}, by ${pidFilePath()}; each temporary folder (TMPDIR) can have a server of its own.`;
}

/** The start cannot be: one line for the operator, in the peer's words, and exit code 1. */
export function refuseStart(message: string, cause?: unknown, hint?: string): EisenError {
  return new EisenError('START_REFUSED', message, { cause, hint });
}

function isFile(file: string): boolean {
  return existsSync(file) && statSync(file).isFile();
}

function isFolder(folder: string): boolean {
  return existsSync(folder) && statSync(folder).isDirectory();
}

function requireFile(flag: string, file: string | undefined): void {
  if (file !== undefined && !isFile(file)) throw refuseStart(`${flag} file not found: ${path.resolve(file)}`);
}

function checkTempFolder(env: Environment): void {
  const folder = env['TEMP'];
  if (folder !== undefined && folder !== '' && !isFolder(folder)) {
    throw refuseStart(`Invalid temp directory: ${folder}, please check TEMP environment variable.`);
  }
}

function findSnapshot(env: Environment, cwd: string): string | null {
  const folder = path.resolve(cwd, env['LOG_LOCATION'] || 'logs', 'config');
  const name = isFolder(folder) ? newestSnapshot(readdirSync(folder)) : null;
  return name === null ? null : path.join(folder, name);
}

interface ConfigFile {
  readonly path: string;
  readonly isSnapshot: boolean;
}

/** The configuration file: environment, flag, newest snapshot when asked, config.properties of the folder, or none. */
function chooseConfigFile(options: ServeOptions, env: Environment, cwd: string): ConfigFile | null {
  const named = env['TS_CONFIG_FILE'] ?? options.tsConfig;
  if (named !== undefined && named !== '') {
    if (!isFile(path.resolve(cwd, named))) throw refuseStart(`--ts-config file not found: ${named}`);
    return { path: path.resolve(cwd, named), isSnapshot: false };
  }
  const snapshot = options.restoreSnapshot === true ? findSnapshot(env, cwd) : null;
  if (snapshot !== null) return { path: snapshot, isSnapshot: true };
  const local = path.resolve(cwd, 'config.properties');
  return isFile(local) ? { path: local, isSnapshot: false } : null;
}

function noStoreHint(cwd: string): string {
  return (
    `There is no folder ${path.join(cwd, 'model_store')} either, which is served when none is named. Make it with ` +
    'eisen-deploy package … --export-path model_store, or name yours: --model-store <folder>.'
  );
}

/** Without any store named, `./model_store` with all it holds. */
function withDefaultStore(options: ServeOptions, properties: ReadonlyMap<string, string>, cwd: string): ServeOptions {
  if (options.modelStore !== undefined || (properties.get('model_store')?.trim() ?? '') !== '') return options;
  if (!isFolder(path.resolve(cwd, 'model_store'))) {
    throw refuseStart('Missing mandatory parameter --model-store', undefined, noStoreHint(cwd));
  }
  const hasModels = options.models !== undefined || properties.has('load_models') || properties.has('model_snapshot');
  return { ...options, modelStore: 'model_store', ...(hasModels ? {} : { models: ['ALL'] }) };
}

function checkStores({ modelStore, workflowStore, properties }: ServerConfig): void {
  if (!isFolder(modelStore)) {
    throw refuseStart(`--model-store directory not found: ${properties.get('model_store')}`);
  }
  if (!isFolder(workflowStore)) {
    throw refuseStart(`--workflow-store directory not found: ${properties.get('workflow_store')}`);
  }
}

function checkSnapshotArchives(config: ServerConfig, file: string): void {
  const missing = [...config.modelOverrides.values()]
    .flatMap((versions) => [...versions.values()].map(({ marName }) => marName ?? ''))
    .find((marName) => !existsSync(path.join(config.modelStore, marName)));
  if (missing !== undefined) {
    throw refuseStart(`Invalid snapshot ${file}: model archive ${missing} not found in ${config.modelStore}`);
  }
}

export interface Preflight {
  readonly config: ServerConfig;
  readonly warnings: readonly string[];
  /** The snapshot that is restored, for a loud line in the log. */
  readonly restoredFrom: string | null;
  /** What `metrics_config` lists; absent without that key. */
  readonly metricSpecs: readonly MetricSpec[] | undefined;
}

/**
 * Checks what the start needs, in the peer's order, and makes the configuration.
 * @throws EisenError START_REFUSED with the peer's message, METRICS_FILE_INVALID
 */
export function prepareStart(input: {
  readonly options: ServeOptions;
  readonly env: Environment;
  readonly cwd: string;
}): Preflight {
  const { options, env, cwd } = input;
  requireFile('--log-config', options.logConfig);
  checkTempFolder(env);
  const file = chooseConfigFile(options, env, cwd);
  const properties = file === null ? new Map<string, string>() : readProperties(file);
  const flags = withDefaultStore(options, properties, cwd);
  const { config, warnings } = refuseConfiguration(() => createServerConfig({ properties, env, flags, cwd }));
  const modelsFromFlags = options.models !== undefined;
  const refuse = file?.isSnapshot === true ? refuseSnapshot(file.path) : refuseConfiguration;
  const restored = refuse(() => applySnapshot(config, { modelsFromFlags }));
  checkStores(config);
  requireFile('--cpp-log-config', options.cppLogConfig);
  if (restored !== config && file !== null) checkSnapshotArchives(restored, file.path);
  const metricSpecs = config.metricsFile === null ? undefined : readMetricsFile(config.metricsFile);
  const vmargs = properties.get('vmargs');
  return {
    config: restored,
    warnings: [
      ...warnings,
      ...explainUnfilled(metricSpecs ?? []),
      ...(vmargs === undefined ? [] : [`TorchServe is using non-default JVM parameters: ${vmargs}`]),
      ...(options.restoreSnapshot === true && file?.isSnapshot !== true
        ? [`--restore-snapshot: no snapshot is taken; the configuration is ${file?.path ?? 'the default one'}.`]
        : []),
      ...(options.logConfig === undefined ? [] : ['--log-config has no effect: logs have their own settings.']),
      ...(options.pluginsPath === undefined ? [] : ['--plugins-path has no effect: there are no Java plugins.']),
    ],
    restoredFrom: restored === config ? null : (file?.path ?? null),
    metricSpecs,
  };
}

function readProperties({ path: file, isSnapshot }: ConfigFile): Map<string, string> {
  const refuse = isSnapshot ? refuseSnapshot(file) : refuseConfiguration;
  return refuse(() => {
    const properties = parseProperties(readFileSync(realpathSync(file), 'utf8'), path.basename(file));
    if (isSnapshot) checkSnapshotKeys(properties);
    return properties;
  });
}

/** Runs `make`; what is wrong with its input is a reason not to start. */
type Refusing = <T>(make: () => T) => T;

function refusing(title: string, hint?: string): Refusing {
  return (make) => {
    try {
      return make();
    } catch (error) {
      if (!isEisenError(error)) throw error;
      throw refuseStart(`${title}: ${error.message}`, error, hint);
    }
  };
}

const refuseConfiguration = refusing('Invalid configuration');

const refuseSnapshot = (file: string): Refusing =>
  refusing(
    `Invalid snapshot ${file}`,
    'Nothing was started. Remove the file to restore the snapshot before it, or start without --restore-snapshot.',
  );
