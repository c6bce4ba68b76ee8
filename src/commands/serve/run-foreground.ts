import { isEisenError } from '../../core/errors/error.js';
import { type ListenAddress, renderListenAddress } from '../../core/serving/config/listen-address.js';
import type { ServerConfig } from '../../core/serving/config/server-config.js';
import { openServerLogs, type ServerLogs } from '../../core/serving/lifecycle/logs/server-logs.js';
import { claimPidFile, releasePidFile, SERVER_TITLE } from '../../core/serving/lifecycle/pid-file.js';
import { type RunningServer, startServer } from '../../core/serving/lifecycle/start-server.js';
import type { FailedModel } from '../../core/serving/lifecycle/startup-models.js';
import { chooseRandomKinds } from '../../core/serving/lifecycle/tokens/token-store.js';
import { createServerMetrics } from '../../core/serving/metrics/server-metrics.js';
import { type OpenModelFactory, openModelFactory } from './model-factory.js';
import { ALREADY_RUNNING, describeRunning, type Preflight, refuseStart } from './preflight.js';
import type { ServeConsole, ServeSignals } from './serve-options.js';

/** How a start ended, for whoever waits for it. */
export type StartReport =
  | { readonly kind: 'ready'; readonly addresses: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string };

export function describeError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return isEisenError(error) ? `${text} [${error.code}]` : text;
}

function describeFailures(failed: readonly FailedModel[]): string {
  return failed.map(({ model, error }) => `Failed to load model: ${model.url}: ${describeError(error)}`).join('\n');
}

function listAddresses(server: RunningServer): string[] {
  const all = Object.values(server.addresses).filter((address): address is ListenAddress => address !== null);
  return [...new Set(all.map(renderListenAddress))];
}

function logStart(logs: ServerLogs, preflight: Preflight): void {
  const { config, warnings, restoredFrom } = preflight;
  for (const message of warnings) logs.server({ level: 'WARN', message });
  if (restoredFrom !== null) {
    logs.server({ level: 'WARN', message: `models are restored from the snapshot ${restoredFrom}` });
  }
  if (Object.values(config.tokens.required).includes(true)) {
    const random = chooseRandomKinds(config.tokens);
    const where =
      random.length === 0 ? 'they are fixed' : `those for ${random.join(', ')} are in ${config.tokens.keyFile}`;
    logs.server({ level: 'INFO', message: `requests need a token; ${where}` });
  }
  logs.server({ level: 'INFO', message: `model store ${config.modelStore}` });
}

/** Resolves at the first stop signal; `now` is aborted by the second one. */
function waitForStop(signals: ServeSignals, early: Promise<void>): { stop: Promise<void>; now: AbortSignal } {
  const hurry = new AbortController();
  const stop = new Promise<void>((resolve) => {
    signals.onStop(resolve);
    void early.then(resolve);
  });
  signals.onStopNow(() => hurry.abort());
  return { stop, now: hurry.signal };
}

/**
 * Serves until a stop signal, holding the pid file of this temporary folder.
 * @param options.onStarted is told once how the start went, unless a stop came before its end
 * @param options.stopOnFailure ends the server when a start-up model does not load
 * @param options.abandoned resolves when whoever waited for the start has gone before it was over
 * @returns the exit code: 0 when no accepted request was lost
 */
export async function runForeground(options: {
  readonly preflight: Preflight;
  readonly signals: ServeSignals;
  readonly console: ServeConsole;
  readonly onStarted: (report: StartReport) => void;
  readonly stopOnFailure: boolean;
  readonly abandoned?: Promise<void>;
}): Promise<number> {
  const { preflight, signals, console, onStarted } = options;
  const { config } = preflight;
  process.title = SERVER_TITLE;
  if (claimPid().removedOrphan) console.out('Removing orphan pid file.');
  const logs = openLogs(config, console);
  let server: RunningServer | null = null;
  let models: OpenModelFactory | null = null;
  try {
    logStart(logs, preflight);
    const metrics = createServerMetrics({
      ...{ mode: config.metricsMode, autoDetect: config.modelMetricsAutoDetect, specs: preflight.metricSpecs },
      warn: (message) => logs.server({ level: 'WARN', message }),
    });
    models = openModelFactory({ config, logs, metrics, metricSpecs: preflight.metricSpecs });
    let giveUp = (): void => undefined;
    const early = new Promise<void>((resolve) => {
      giveUp = resolve;
    });
    const { stop, now } = waitForStop(signals, early);
    server = await startServer({ config, logs, metrics, createModel: models.createModel });
    const { started, reload, readiness } = server;
    signals.onReload(reload);
    const addresses = listAddresses(server);
    logs.server({ level: 'INFO', message: `listening on ${addresses.join(', ')}` });
    void options.abandoned?.then(giveUp);
    let hasFailed = false;
    void started.then(({ failed }) => {
      if (readiness.phase === 'draining') return;
      models?.dropSpare();
      hasFailed = failed.length > 0 && options.stopOnFailure;
      if (!hasFailed) onStarted({ kind: 'ready', addresses });
      else {
        onStarted({ kind: 'failed', reason: describeFailures(failed) });
        giveUp();
      }
    });
    await stop;
    const nothingLost = await server.stop(now);
    await models.close();
    models = null;
    logs.server({ level: 'INFO', message: 'stopped' });
    return nothingLost && !hasFailed ? 0 : 1;
  } catch (error) {
    logs.server({ level: 'ERROR', message: 'the server does not start', cause: error });
    onStarted({ kind: 'failed', reason: describeError(error) });
    throw error;
  } finally {
    await models?.close();
    await logs.close();
    releasePidFile();
  }
}

function openLogs(config: ServerConfig, console: ServeConsole): ServerLogs {
  try {
    return openServerLogs(config.logs, console.talk);
  } catch (error) {
    releasePidFile();
    throw error;
  }
}

function claimPid(): { removedOrphan: boolean } {
  try {
    return claimPidFile();
  } catch (error) {
    if (!isEisenError(error) || error.code !== 'SERVER_RUNNING') throw error;
    throw refuseStart(ALREADY_RUNNING, error, describeRunning(Number(error.details.found)));
  }
}
