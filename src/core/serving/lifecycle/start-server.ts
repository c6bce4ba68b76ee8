import { randomBytes } from 'node:crypto';
import type { ServerConfig } from '../config/server-config.js';
import { type Listeners, startListeners } from '../http/listeners.js';
import type { ServerMetrics } from '../metrics/server-metrics.js';
import { createSystemMetricsReader } from '../metrics/system-metrics.js';
import type { ModelFactory } from '../model-factory.js';
import { createRegistry, type Registry } from '../registry.js';
import { watchDescriptors } from './descriptor-watch.js';
import { drainServer } from './drain.js';
import { createFaultLog } from './fault-log.js';
import { describeRegistryChange } from './logs/registry-line.js';
import type { ServerLogs } from './logs/server-logs.js';
import { createReadiness, type Readiness } from './readiness.js';
import { createSnapshotWriter } from './snapshot-writer.js';
import { removeStaleSocket } from './stale-socket.js';
import { type FailedModel, loadStartupModels } from './startup-models.js';
import { readTlsMaterial } from './tls-material.js';
import { removeKeyFile, writeKeyFile } from './tokens/key-file.js';
import { createTokenStore, type IssuedTokens, type TokenStore } from './tokens/token-store.js';

export interface RunningServer {
  /** Where the listeners really stand. */
  readonly addresses: Listeners['addresses'];
  readonly readiness: Readiness;
  /** Resolves when each start-up model answers or has failed; the failed ones are told. */
  readonly started: Promise<{ readonly failed: readonly FailedModel[] }>;
  /** Reads the certificate again; keeps the old one when the new one is no good. */
  reload(): void;
  /**
   * Drains: ping says 503, nothing new is accepted, accepted requests are answered, then the workers end. Once `now` is aborted
   * it waits for nothing. Resolves to true when no accepted request was lost.
   */
  stop(now: AbortSignal): Promise<boolean>;
}

interface Tokens {
  readonly store: TokenStore | null;
  remove(): Promise<void>;
}

async function openTokens(config: ServerConfig): Promise<Tokens> {
  if (!Object.values(config.tokens.required).includes(true)) return { store: null, remove: async () => undefined };
  let latest: IssuedTokens | null = null;
  const store = createTokenStore({
    config: config.tokens,
    now: Date.now,
    randomBytes,
    publish: async (tokens) => {
      await writeKeyFile(config.tokens.keyFile, tokens);
      latest = tokens;
    },
  });
  await store.published;
  return { store, remove: async () => (latest === null ? undefined : removeKeyFile(config.tokens.keyFile, latest)) };
}

/** Looks at the machine now and then, for the metrics log and the metrics API. */
function watchMachine(config: ServerConfig, metrics: ServerMetrics, logs: ServerLogs): NodeJS.Timeout | null {
  if (!config.systemMetrics) return null;
  const read = createSystemMetricsReader(config.modelStore);
  const look = (): void =>
    void read().then(
      (values) => metrics.observeSystem(values).forEach(logs.hostMetric),
      (cause: unknown) => logs.server({ level: 'WARN', message: 'the machine could not be measured', cause }),
    );
  look();
  return setInterval(look, config.systemMetricsIntervalMs).unref();
}

export interface StartServerOptions {
  readonly config: ServerConfig;
  readonly logs: ServerLogs;
  readonly metrics: ServerMetrics;
  readonly createModel: ModelFactory;
}

async function openListeners(
  options: StartServerOptions,
  parts: { readonly registry: Registry; readonly readiness: Readiness; readonly tokens: Tokens },
): Promise<Listeners> {
  const { config, logs, metrics, createModel } = options;
  const tls = config.tls === null ? null : readTlsMaterial(config.tls);
  for (const message of tls?.warnings ?? []) logs.server({ level: 'WARN', message });
  const { inferenceAddress, managementAddress, metricsAddress } = config;
  for (const address of [inferenceAddress, managementAddress, metricsAddress]) await removeStaleSocket(address);
  return startListeners({
    config,
    registry: parts.registry,
    metrics,
    createModel,
    rules: config,
    tls: tls?.material ?? null,
    gate: parts.tokens.store,
    isReady: () => parts.readiness.phase === 'ready',
    onAccess: logs.access,
    onFault: createFaultLog(logs.server),
  });
}

/**
 * Starts a server: tokens, certificate, listeners, then the models of the configuration. The listeners answer before the models
 * do, so that ping and readiness can tell how far it is.
 * @throws EisenError CONFIG_INVALID, or the error of the system when an address cannot be listened on; nothing stays open then
 */
export async function startServer(options: StartServerOptions): Promise<RunningServer> {
  const { config, logs, metrics, createModel } = options;
  const registry = createRegistry();
  const readiness = createReadiness();
  registry.subscribe((change) => {
    if (readiness.phase !== 'draining') logs.server(describeRegistryChange(change, registry));
  });
  const tokens = await openTokens(config);
  const listeners = await openListeners(options, { registry, readiness, tokens }).catch(async (error: unknown) => {
    await tokens.remove();
    throw error;
  });
  const machine = watchMachine(config, metrics, logs);
  const unwatchDescriptors = watchDescriptors(logs.server);
  const writeSnapshot = createSnapshotWriter({
    config,
    registry,
    onProblem: (cause) => logs.server({ level: 'WARN', message: 'a snapshot could not be written', cause }),
  });
  const tellFailure = ({ model, error }: FailedModel): void => {
    // A stop ends what is still loading.
    if (readiness.phase === 'draining') return;
    logs.server({ level: 'ERROR', message: `Failed to load model: ${model.url}`, cause: error });
  };
  const deps = { registry, createModel, rules: config };
  const started = loadStartupModels(config, deps, tellFailure).then(async (failed) => {
    if (failed.length === 0) readiness.markReady();
    await writeSnapshot('startup');
    registry.subscribe(() => void writeSnapshot('snapshot'));
    return { failed };
  });

  return {
    addresses: listeners.addresses,
    readiness,
    started,
    reload() {
      if (config.tls === null) return;
      try {
        listeners.reloadTls(readTlsMaterial(config.tls).material);
        logs.server({ level: 'INFO', message: 'the certificate was read again' });
      } catch (cause) {
        logs.server({ level: 'ERROR', message: 'the new certificate is no good; the old one stays', cause });
      }
    },
    async stop(now) {
      readiness.markDraining();
      if (machine !== null) clearInterval(machine);
      unwatchDescriptors();
      await writeSnapshot('shutdown');
      const nothingLost = await drainServer({ listeners, registry, graceMs: config.drainGraceMs, now, logs });
      await tokens.remove();
      return nothingLost;
    },
  };
}
