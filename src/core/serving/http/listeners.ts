import { totalmem } from 'node:os';
import type { Registry } from '../registry.js';
import type { AccessRecord } from './access-record.js';
import { createByteLedger } from './byte-ledger.js';
import type { Route } from './exchange.js';
import { createInferenceRoutes } from './inference-routes.js';
import { type Listener, startListener } from './listener.js';
import { createManagementRoutes } from './management-routes.js';
import { createRequestHandler } from './request-handler.js';
import { type ApiKind, type HttpConfig, isSameAddress, type ListenAddress, type TlsMaterial } from './settings.js';

export interface ListenersOptions {
  readonly config: HttpConfig;
  readonly registry: Registry;
  readonly tls?: TlsMaterial | null;
  /** Request bytes that all connections together may hold; a quarter of the memory unless given. */
  readonly maxInFlightBytes?: number;
  readonly onAccess?: (record: AccessRecord) => void;
  /** A fault of this program, for the server log. */
  readonly onFault?: (fault: { readonly requestId: string; readonly error: unknown }) => void;
}

export interface Listeners {
  /** Where they really stand: a port 0 is replaced by the port that the system gave. */
  readonly addresses: Readonly<Record<ApiKind, ListenAddress | null>>;
  /** Accepts nothing more, answers what was accepted for at most `drainMs`, then ends every connection. */
  stop(drainMs: number): Promise<void>;
  reloadTls(material: TlsMaterial): void;
}

const APIS: readonly ApiKind[] = ['inference', 'management', 'metrics'];

/** APIs of equal address share one listener. */
export function groupApis(config: HttpConfig): { address: ListenAddress; apis: ApiKind[] }[] {
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

/** Opens all listeners of the configuration. When one cannot be bound, those already open are closed again. */
export async function startListeners(options: ListenersOptions): Promise<Listeners> {
  const ledger = createByteLedger(options.maxInFlightBytes ?? Math.floor(totalmem() / 4));
  const state = { draining: false };
  const routes: Record<ApiKind, readonly Route[]> = {
    inference: createInferenceRoutes({
      config: options.config,
      registry: options.registry,
      isDraining: () => state.draining,
    }),
    management: createManagementRoutes({ config: options.config, registry: options.registry }),
    metrics: [],
  };
  const open: Listener[] = [];
  const addresses: Record<ApiKind, ListenAddress | null> = { inference: null, management: null, metrics: null };
  try {
    for (const { address, apis } of groupApis(options.config)) {
      const handle = createRequestHandler({
        routes: apis.flatMap((api) => routes[api]),
        ledger,
        isDraining: () => state.draining,
        onAccess: options.onAccess,
        onFault: options.onFault,
      });
      const listener = await startListener({
        address,
        tls: options.tls ?? null,
        maxConnections: options.config.maxConnections,
        handle,
      });
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
      state.draining = true;
      await Promise.all(open.map((listener) => listener.stop(drainMs)));
    },
    reloadTls: (material) => {
      for (const listener of open) listener.reloadTls(material);
    },
  };
}
