import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePorts } from './free-ports.js';
import { post } from './http-post.js';
import { peerBin, ROOT } from './peer-python.js';
import { spawnWatched } from './watched.js';

export interface RunningServer {
  /** For example http://127.0.0.1:8080. */
  readonly inference: string;
  readonly management: string;
  readonly metrics: string;
  /** Where it was started: its model store and its key file are there. */
  readonly folder: string;
  /** Everything it has written so far. */
  log(): string;
  stop(): Promise<void>;
}

export interface ServerRequest {
  /** Archives by model name. */
  readonly archives: Readonly<Record<string, string>>;
  /** Archives that lie in the model store without being loaded, by file name. */
  readonly spares?: Readonly<Record<string, string>>;
  /** Lines of config.properties beside the addresses. */
  readonly config?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly args?: readonly string[];
  readonly startupMs?: number;
  /** Requests need tokens. */
  readonly tokens?: boolean;
}

interface Program extends ServerRequest {
  readonly command: string;
  readonly prefix: readonly string[];
  readonly suffix: readonly string[];
}

const sleep = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));

/** Starts a server in a group of its own and waits until each model answers an empty request. */
async function startServer(program: Program): Promise<RunningServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'server-'));
  for (const name of ['store', 'tmp', 'logs']) mkdirSync(path.join(folder, name));
  for (const [name, archive] of Object.entries(program.archives))
    copyFileSync(archive, path.join(folder, 'store', `${name}.mar`));
  for (const [name, archive] of Object.entries(program.spares ?? {}))
    copyFileSync(archive, path.join(folder, 'store', name));
  const [inference, management, metrics, grpc, grpcManagement] = await findFreePorts(5);
  const addresses = [
    `inference_address=http://127.0.0.1:${inference}`,
    `management_address=http://127.0.0.1:${management}`,
    `metrics_address=http://127.0.0.1:${metrics}`,
    `grpc_inference_port=${grpc}`,
    `grpc_management_port=${grpcManagement}`,
  ];
  const config = path.join(folder, 'config.properties');
  writeFileSync(config, `${[...addresses, ...(program.config ?? [])].join('\n')}\n`);
  const models = Object.keys(program.archives).map((name) => `${name}=${name}.mar`);
  const args = ['--foreground', '--ncs', '--model-store', path.join(folder, 'store'), '--ts-config', config];
  const child = spawnWatched(
    program.command,
    [...program.prefix, ...args, ...program.suffix, ...(program.args ?? []), '--models', ...models],
    {
      cwd: folder,
      env: {
        ...process.env,
        TEMP: path.join(folder, 'tmp'),
        TMPDIR: path.join(folder, 'tmp'),
        LOG_LOCATION: path.join(folder, 'logs'),
        METRICS_LOCATION: path.join(folder, 'logs'),
        ...program.env,
      },
    },
  );
  let text = '';
  let ended = false;
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece: Buffer) => {
      text += piece.toString();
    });
  child.once('exit', () => {
    ended = true;
  });
  const server: RunningServer = {
    folder,
    inference: `http://127.0.0.1:${inference}`,
    management: `http://127.0.0.1:${management}`,
    metrics: `http://127.0.0.1:${metrics}`,
    log: () => text,
    stop: async () => {
      try {
        process.kill(-child.pid!, 'SIGKILL');
      } catch {
        // The whole group has ended by itself.
      }
      await sleep(200);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  const deadline = Date.now() + (program.startupMs ?? 60_000);
  for (const name of Object.keys(program.archives)) {
    for (;;) {
      const reply = await post(`${server.inference}/predictions/${name}`, new Uint8Array(0), {}).catch(() => undefined);
      if (reply?.status === 200 || (program.tokens && reply?.status === 400)) break;
      if (ended || text.includes('Failed to load model') || Date.now() > deadline) {
        await server.stop();
        throw new Error(`${name} did not answer (${reply?.status}):\n${text.slice(-4000)}`);
      }
      await sleep(200);
    }
  }
  return server;
}

/** The real TorchServe, with our stand-in for torch before it on PYTHONPATH. */
export function startTorchServe(request: ServerRequest): Promise<RunningServer> {
  const bin = peerBin();
  return startServer({
    ...request,
    command: path.join(bin, 'torchserve'),
    prefix: ['--start'],
    suffix: request.tokens ? [] : ['--disable-token-auth'],
    config: ['default_workers_per_model=1', 'max_request_size=2000000000', ...(request.config ?? [])],
    env: {
      PATH: `${bin}:${process.env['PATH']}`,
      PYTHONPATH: path.join(ROOT, 'test', 'interop', 'stand-in'),
      ...request.env,
    },
  });
}

/** Our own server, from the built command. */
export function startOurs(request: ServerRequest): Promise<RunningServer> {
  return startServer({
    ...request,
    command: process.execPath,
    prefix: [path.join(ROOT, 'bin', 'eisen-deploy.js'), 'serve'],
    suffix: request.tokens ? ['--enable-token-auth'] : [],
  });
}
