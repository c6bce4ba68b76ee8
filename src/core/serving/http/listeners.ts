import { totalmem } from 'node:os';
import { LIMITS } from '../../limits.js';
import type { ApiKind, ListenAddress } from '../config/listen-address.js';
import { isSameAddress } from '../config/listen-address.js';
import type { ServerMetrics } from '../metrics/server-metrics.js';
import type { ModelFactory } from '../model-factory.js';
import type { StoreRules } from '../model-store/resolve-source.js';
import type { Registry } from '../registry.js';
import type { AccessRecord } from './access-record.js';
import { explainListenError } from './address-error.js';
import { createByteLedger } from './byte-ledger.js';
import { createDescriptionRoutes } from './description-routes.js';
import type { Route } from './exchange.js';
import type { Fault } from './fault.js';
import { hintElsewhere } from './hint-elsewhere.js';
import { createInferenceRoutes } from './inference-routes.js';
import { type Listener, startListener } from './listener.js';
import { createManagementRoutes } from './management-routes.js';
import { createMetricsRoute } from './metrics-route.js';
import { createRequestHandler } from './request-handler.js';
import type { HttpConfig, TlsMaterial, TokenGate } from './settings.js';
import { createTokenRoute } from './token-gate.js';

export interface ListenersOptions {
  readonly config: HttpConfig;
  readonly registry: Registry;
  readonly metrics: ServerMetrics;
  /** What POST /models makes models with. */
  readonly createModel: ModelFactory;
  readonly rules: StoreRules;
  readonly tls?: TlsMaterial | null;
  /** Absent: no request needs a token, whatever the configuration says. */
  readonly gate?: TokenGate | null;
  /** True when every model of the start answers; the listeners know of draining themselves. */
  readonly isReady?: () => boolean;
  /** Brings values up to date before they are shown. */
  readonly refreshMetrics?: () => Promise<void>;
  /** Request bytes that all connections together may hold; a quarter of the memory unless given. */
  readonly maxInFlightBytes?: number;
  /** LIMITS.httpHeadersMs and LIMITS.httpBodyMs unless given. */
  readonly timeouts?: { readonly headersMs: number; readonly bodyMs: number };
  readonly onAccess?: (record: AccessRecord) => void;
  /** A fault of this program or of work behind a reply, for the server log. */
  readonly onFault?: (fault: Fault) => void;
}

export interface Listeners {
  /** Where they really stand: a port 0 is replaced by the port that the system gave. */
  readonly addresses: Readonly<Record<ApiKind, ListenAddress | null>>;
  /**
   * Accepts nothing more, answers what was accepted for at most `drainMs`, then ends every connection. Resolves to the number of
   * requests that were cut off.
   */
  stop(drainMs: number): Promise<number>;
  reloadTls(material: TlsMaterial): void;
}

const APIS: readonly ApiKind[] = ['inference', 'management', 'metrics'];

/** APIs of equal address share one listener. */
function groupApis(
  config: Pick<HttpConfig, 'inferenceAddress' | 'managementAddress' | 'metricsAddress'>,
): { address: ListenAddress; apis: ApiKind[] }[] {
  const groups: { address: ListenAddress; apis: ApiKind[] }[] = [];
  for (const api of APIS) {
    const address = config[`${api}Address`];
    if (address === null) continue;
    const group = groups.find((known) => isSameAddress(known.address, address));
    if (group === undefined) groups.push({ address, apis: [api] });
    else group.apis.push(api);
  }
  return groups;
}

function createRoutes(options: ListenersOptions, isDraining: () => boolean): Record<ApiKind, readonly Route[]> {
  const { config, registry, metrics, gate = null, createModel, rules } = options;
  const onBackgroundFailure = (error: unknown): void => options.onFault?.({ requestId: null, error });
  return {
    inference: createInferenceRoutes({
      config,
      registry,
      metrics,
      isDraining,
      isReady: options.isReady ?? (() => true),
    }),
    management: [
      ...(gate === null ? [] : [createTokenRoute({ config, gate })]),
      ...createManagementRoutes({ config, registry, createModel, rules, onBackgroundFailure }),
    ],
    metrics: [createMetricsRoute(metrics, options.refreshMetrics ?? (async () => {}))],
  };
}

/** Opens all listeners of the configuration. When one cannot be bound, those already open are closed again. */
export async function startListeners(options: ListenersOptions): Promise<Listeners> {
  const { config, registry, metrics } = options;
  const { headersMs, bodyMs } = options.timeouts ?? { headersMs: LIMITS.httpHeadersMs, bodyMs: LIMITS.httpBodyMs };
  const ledger = createByteLedger(options.maxInFlightBytes ?? Math.floor(totalmem() / 4));
  let draining = false;
  const isDraining = (): boolean => draining;
  const routes = createRoutes(options, isDraining);
  for (const { runtime } of registry.all()) metrics.watchModel(runtime.name, runtime.version);
  registry.subscribe(({ kind, name, version }) => {
    if (kind === 'added') metrics.watchModel(name, version);
    if (kind === 'removed') metrics.forgetModel(name, version);
  });

  const open: Listener[] = [];
  const addresses: Record<ApiKind, ListenAddress | null> = { inference: null, management: null, metrics: null };
  try {
    for (const { address, apis } of groupApis(config)) {
      const handle = createRequestHandler({
        config,
        api: apis[0]!,
        routes: [...createDescriptionRoutes(apis, registry), ...apis.flatMap((api) => routes[api])],
        hintElsewhere: (exchange) =>
          hintElsewhere(
            exchange,
            APIS.filter((api) => !apis.includes(api)).map((api) => ({
              api,
              routes: routes[api],
              address: addresses[api],
            })),
          ),
        ledger,
        gate: options.gate ?? null,
        isDraining,
        bodyMs,
        onAnswered: ({ status }) => metrics.countReply(status),
        onAccess: options.onAccess,
        onFault: options.onFault,
      });
      const { maxConnections } = config;
      const tls = options.tls ?? null;
      const listener = await startListener({ address, tls, maxConnections, headersMs, handle }).catch(
        (error: unknown) => {
          throw explainListenError(error, address, apis);
        },
      );
      open.push(listener);
      for (const api of apis) addresses[api] = listener.address;
    }
  } catch (error) {
    await Promise.all(open.map((listener) => listener.stop(0)));
    throw error;
  }
  return {
    addresses,
    async stop(drainMs) {
      draining = true;
      const cut = await Promise.all(open.map((listener) => listener.stop(drainMs)));
      return cut.reduce((sum, count) => sum + count, 0);
    },
    reloadTls: (material) => {
      for (const listener of open) listener.reloadTls(material);
    },
  };
}
