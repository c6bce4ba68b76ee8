import { type ChildProcess, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { peerBin } from './peer-python.js';
import { spawnWatched } from './watched.js';

const HANDLER = `
import json

def handle(data, context):
    if data is None:
        return None
    out = []
    for i, row in enumerate(data):
        headers = context.get_all_request_header(i)
        mode = headers.get('mode', '')
        if mode == 'status':
            context.set_response_status(418, 'Teapot', i)
        if mode == 'json':
            context.set_response_content_type(i, 'application/json')
        if mode == 'header':
            context.set_response_header(i, 'X-Mine', 'value')
        if mode == 'raise':
            raise ValueError('bad')
        if mode == 'rows':
            shown = {k: bytes(v).decode('latin1') if isinstance(v, (bytes, bytearray)) else v for k, v in row.items()}
            out.append(json.dumps(shown, sort_keys=True))
            continue
        if headers.get('describe'):
            out.append(json.dumps({'told': 'by the handler'}))
            continue
        body = row.get('body', row.get('data', b''))
        out.append(bytes(body) if isinstance(body, (bytes, bytearray)) else json.dumps(body))
    return out
`;

/** The worker of the peer wants a torch that has `Tensor` and `save`, and looks for GPUs at start. */
const STAND_IN = `
class Tensor: pass
def save(*args, **kwargs): raise RuntimeError('no torch here')
__version__ = '0'
class cuda:
    @staticmethod
    def is_available(): return False
class version: cuda = None; hip = None
class backends:
    class mps:
        @staticmethod
        def is_available(): return False
`;

export interface PeerServer {
  readonly inferencePort: number;
  readonly managementPort: number;
  readonly metricsPort: number;
  stop(): void;
}

/** A few ports that were free a moment ago. */
export async function findFreePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = net.createServer();
      return new Promise<net.Server>((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function packHandler(bin: string, folder: string, name: string): void {
  const handler = path.join(folder, 'peer_handler.py');
  writeFileSync(handler, HANDLER);
  const packed = spawnSync(
    path.join(bin, 'torch-model-archiver'),
    ['--model-name', name, '--handler', handler, '-v', '1.0', '--export-path', path.join(folder, 'store'), '-f'],
    { encoding: 'utf8' },
  );
  if (packed.status !== 0) throw new Error(packed.stderr);
}

function waitForStart(child: ChildProcess, output: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the peer did not start:\n${output()}`)), 60_000);
    const look = setInterval(() => {
      if (!output().includes('State change WORKER_STARTED -> WORKER_MODEL_LOADED')) return;
      clearInterval(look);
      clearTimeout(timer);
      resolve();
    }, 100);
    child.once('exit', () => reject(new Error(`the peer ended:\n${output()}`)));
  });
}

/** Starts the real TorchServe with one echoing model `noop` and a second archive `spare` in its store. */
export async function startPeer(): Promise<PeerServer> {
  const bin = peerBin();
  const folder = mkdtempSync(path.join(tmpdir(), 'peer-'));
  for (const name of ['store', 'stand-in/torch', 'tmp', 'logs'])
    mkdirSync(path.join(folder, name), { recursive: true });
  writeFileSync(path.join(folder, 'stand-in/torch/__init__.py'), STAND_IN);
  packHandler(bin, folder, 'noop');
  packHandler(bin, folder, 'spare');
  const [inference, management, metrics, grpc, grpcManagement] = await findFreePorts(5);
  const config = path.join(folder, 'config.properties');
  writeFileSync(
    config,
    [
      `inference_address=http://127.0.0.1:${inference}`,
      `management_address=http://127.0.0.1:${management}`,
      `metrics_address=http://127.0.0.1:${metrics}`,
      `grpc_inference_port=${grpc}`,
      `grpc_management_port=${grpcManagement}`,
      `model_store=${path.join(folder, 'store')}`,
      'load_models=noop.mar',
      'default_workers_per_model=1',
      'disable_token_authorization=true',
      'enable_model_api=true',
      'metrics_mode=prometheus',
      '',
    ].join('\n'),
  );
  let text = '';
  const child = spawnWatched(
    path.join(bin, 'torchserve'),
    ['--start', '--foreground', '--ncs', '--ts-config', config],
    {
      cwd: folder,
      env: {
        ...process.env,
        PATH: `${bin}:${process.env['PATH']}`,
        PYTHONPATH: path.join(folder, 'stand-in'),
        TEMP: path.join(folder, 'tmp'),
        TMPDIR: path.join(folder, 'tmp'),
        LOG_LOCATION: path.join(folder, 'logs'),
        METRICS_LOCATION: path.join(folder, 'logs'),
      },
    },
  );
  child.stdout.on('data', (piece) => {
    text += piece;
  });
  child.stderr.on('data', (piece) => {
    text += piece;
  });
  await waitForStart(child, () => text);
  return {
    inferencePort: inference!,
    managementPort: management!,
    metricsPort: metrics!,
    stop() {
      // The group: the launcher, its Java server and the workers of that.
      process.kill(-child.pid!, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
