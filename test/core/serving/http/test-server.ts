import http from 'node:http';
import net from 'node:net';
import type { ListenAddress } from '../../../../src/core/serving/config/listen-address.js';
import { type Listeners, type ListenersOptions, startListeners } from '../../../../src/core/serving/http/listeners.js';
import { createServerMetrics } from '../../../../src/core/serving/metrics/server-metrics.js';
import { createRegistry, type RegisteredModel, type Registry } from '../../../../src/core/serving/registry.js';

export interface TestServer {
  readonly registry: Registry;
  readonly listeners: Listeners;
  readonly port: number;
  readonly managementPort: number;
  readonly metricsPort: number;
}

export interface TestServerOptions extends Partial<Omit<ListenersOptions, 'config' | 'registry'>> {
  readonly config?: Partial<ListenersOptions['config']>;
  readonly models?: readonly RegisteredModel[];
}

const running: Listeners[] = [];

export function localAddress(): ListenAddress {
  return { kind: 'tcp', tls: false, host: '127.0.0.1', port: 0 };
}

function portOf(address: ListenAddress | null): number {
  return address?.kind === 'tcp' ? address.port : 0;
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const registry = createRegistry();
  for (const model of options.models ?? []) registry.add(model);
  const { config, models: _models, ...rest } = options;
  const listeners = await startListeners({
    metrics: createServerMetrics({ mode: config?.metricsMode ?? 'prometheus', autoDetect: false, hostname: 'host' }),
    createModel: () => Promise.reject(new Error('this test registers nothing')),
    rules: { modelStore: '/nowhere', allowedUrls: [], allowPrivateUrls: false },
    ...rest,
    registry,
    config: {
      inferenceAddress: localAddress(),
      managementAddress: localAddress(),
      metricsAddress: null,
      maxRequestBytes: 1024 * 1024,
      maxConnections: 512,
      enableModelApi: false,
      cors: null,
      metricsMode: 'prometheus',
      defaultWorkersPerModel: 0,
      unregisterModelTimeoutMs: 1000,
      tokens: {
        required: { inference: false, management: false, metrics: false },
        failureStatus: 400,
        fixed: { inference: null, management: null },
      },
      ...config,
    },
  });
  running.push(listeners);
  const { inference, management, metrics } = listeners.addresses;
  return {
    registry,
    listeners,
    port: portOf(inference),
    managementPort: portOf(management),
    metricsPort: portOf(metrics),
  };
}

/** Call after each test: nothing keeps listening. */
export async function stopTestServers(): Promise<void> {
  await Promise.all(running.splice(0).map((listeners) => listeners.stop(0)));
}

export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly json: unknown;
}

export interface Ask {
  readonly port: number;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
  readonly agent?: http.Agent;
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function ask(options: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: '127.0.0.1',
        port: options.port,
        method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
        path: options.path ?? '/ping',
        headers: options.headers,
        agent: options.agent,
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          const body = Buffer.concat(pieces);
          const { statusCode = 0, statusMessage = '', headers, rawHeaders } = response;
          resolve({
            status: statusCode,
            reason: statusMessage,
            headers,
            rawHeaders,
            body,
            json: parseOrNull(body.toString()),
          });
        });
      },
    );
    request.on('error', reject);
    request.end(options.body);
  });
}

/** Sends bytes as they are and gives back all that comes until the other side closes or nothing comes for `quietMs`. */
export function sendRaw(
  port: number,
  bytes: string | Uint8Array,
  quietMs = 150,
): Promise<{ text: string; closed: boolean }> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    let text = '';
    let timer: NodeJS.Timeout | undefined;
    const finish = (closed: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, closed });
    };
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => finish(false), quietMs);
    };
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
      wait();
    });
    socket.on('end', () => finish(true));
    socket.on('error', () => finish(true));
    socket.on('connect', () => {
      socket.write(bytes);
      wait();
    });
  });
}

/** Fields of an error body. */
export function errorOf(answer: Answer): {
  code?: number;
  type?: string;
  message?: string;
  detail?: { code?: string; hint?: string };
} {
  return (answer.json ?? {}) as {
    code?: number;
    type?: string;
    message?: string;
    detail?: { code?: string; hint?: string };
  };
}
