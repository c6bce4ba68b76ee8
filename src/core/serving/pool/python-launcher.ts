import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { extractArchive } from '../../archive/extract-archive.js';
import { EisenError } from '../../errors/error.js';
import type { ArchiveCodeRequest } from './create-model-factory.js';
import { workerEnvironment } from './node-launcher.js';
import type { WorkerHost } from './worker-host.js';
import type { WorkerLauncher } from './worker-launcher.js';

const PROBE_TIMEOUT_MS = 60_000;
/** A unix socket's path, with its end, must fit into 108 bytes. */
const SOCKET_PATH_BYTES = 107;
/** What Python programs and the libraries under them are steered by; nothing else of the server's environment is passed on. */
const PYTHON_NAMES = /^(PYTHON|TORCH|TS_|OMP_|MKL_|CUDA|NVIDIA_|VIRTUAL_ENV$)/;

/** The folder of the installed `ts` package, whose worker program speaks our protocol. */
export async function findTorchServe(python: string): Promise<string> {
  const script = 'import importlib.util as u; print(u.find_spec("ts").submodule_search_locations[0])';
  try {
    const { stdout } = await promisify(execFile)(python, ['-c', script], { timeout: PROBE_TIMEOUT_MS });
    return stdout.trim();
  } catch (cause) {
    throw new EisenError('WORKER_START_FAILED', `${python}: no Python with TorchServe's worker answers here.`, {
      where: '--python',
      found: python,
      hint: `Install it: ${python} -m pip install torchserve (and what the archive's handler imports), or name another with --python.`,
      cause,
    });
  }
}

function pythonEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept = workerEnvironment(env);
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && PYTHON_NAMES.test(name)) kept[name] = value;
  }
  return kept;
}

/** The folder itself, or where a socket's path in it would be too long, one with a short name that only we may enter. */
function makeSocketFolder(folder: string): string {
  const longest = path.join(folder, `.ts.sock.${Number.MAX_SAFE_INTEGER}`);
  return Buffer.byteLength(longest) <= SOCKET_PATH_BYTES ? folder : mkdtempSync('/tmp/eisen-sockets-');
}

/**
 * Runs the program named behind it, and asks the kernel to end the process with its parent (PR_SET_PDEATHSIG): a handler that
 * hangs in native code and holds Python's lock hears neither a closed socket nor a thread of its own. Elsewhere than on Linux
 * the closed socket must do.
 */
export const PARENT_GUARD = `
import os, sys
parent = int(sys.argv[1])
sys.argv = sys.argv[2:]
try:
    import ctypes, signal
    ctypes.CDLL(None).prctl(1, int(signal.SIGKILL), 0, 0, 0)
except Exception:
    pass
if os.getppid() != parent:
    os._exit(1)
sys.path[0] = os.path.dirname(sys.argv[0])
import runpy
runpy.run_path(sys.argv[0], run_name="__main__")
`;

export interface PythonLauncherOptions {
  readonly python: string;
  /** The installed `ts` package. */
  readonly torchServeFolder: string;
  /** A folder of ours whose path is short enough for sockets. */
  readonly socketFolder: string;
  /** The unpacked archive: working folder of the worker, and on its module path. */
  readonly modelFolder: string;
  readonly modelName: string;
  readonly handler: string;
  readonly batchSize: number;
  readonly env?: NodeJS.ProcessEnv;
  /** How the worker unwraps a body before the handler sees it; empty: not at all. */
  readonly envelope?: string;
  readonly limitMaxImagePixels?: boolean;
  /** Names, types and dimensions of what a handler measures; absent or null: the list of the installed package. */
  readonly metricsFile?: string | null;
}

/** Starts TorchServe's own Python worker on an unpacked archive. It answers one message at a time. */
export function createPythonLauncher(options: PythonLauncherOptions): WorkerLauncher {
  const { torchServeFolder, modelFolder, env = process.env } = options;
  const modulePath = [env['PYTHONPATH'], modelFolder, path.dirname(torchServeFolder)]
    .filter(Boolean)
    .join(path.delimiter);
  return {
    pipelineDepth: 1,
    plan: (request) => {
      const socket = path.join(options.socketFolder, `.ts.sock.${request.workerId}`);
      const program = path.join(torchServeFolder, 'model_service_worker.py');
      const metrics = options.metricsFile ?? path.join(torchServeFolder, 'configs', 'metrics.yaml');
      return {
        command: options.python,
        args: [
          ...['-c', PARENT_GUARD, String(process.pid), program],
          ...['--sock-type', 'unix', '--sock-name', socket, '--metrics-config', metrics],
        ],
        env: {
          ...{ OMP_NUM_THREADS: String(request.threads), TS_DECODE_INPUT_REQUEST: 'true' },
          ...pythonEnvironment(env),
          ...{ PYTHONPATH: modulePath, PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1', TMPDIR: request.folder },
        },
        cwd: modelFolder,
        channel: { kind: 'socket', path: socket, readyLine: 'Torch worker started.' },
        load: {
          modelName: options.modelName,
          modelDir: modelFolder,
          batchSize: options.batchSize,
          handler: options.handler,
          gpuId: -1,
          envelope: options.envelope ?? '',
          limitMaxImagePixels: options.limitMaxImagePixels ?? true,
        },
      };
    },
  };
}

/** Runs archives by their own code: each is unpacked once into a private folder of the server. */
export function archiveCodeLauncher(options: {
  readonly python: string;
  readonly host: WorkerHost;
  readonly env?: NodeJS.ProcessEnv;
  readonly envelope?: string;
  readonly limitMaxImagePixels?: boolean;
  readonly metricsFile?: string | null;
}): (request: ArchiveCodeRequest) => Promise<WorkerLauncher> {
  const { python, host, env, envelope, limitMaxImagePixels, metricsFile } = options;
  let torchServe: Promise<string> | undefined;
  return async ({ archive, modelName, handler, settings }) => {
    torchServe ??= findTorchServe(python);
    const torchServeFolder = await torchServe.catch((error: unknown) => {
      torchServe = undefined;
      throw error;
    });
    const modelFolder = path.join(host.folder.make('archive'), 'model');
    await extractArchive(archive, modelFolder);
    const sockets = makeSocketFolder(modelFolder);
    const launcher = createPythonLauncher({
      ...{ python, torchServeFolder, modelFolder, modelName, handler, env, envelope },
      ...{ socketFolder: sockets, batchSize: settings.batchSize, limitMaxImagePixels, metricsFile },
    });
    const dispose = (): void => {
      for (const folder of [modelFolder, sockets]) rmSync(folder, { recursive: true, force: true });
    };
    return { ...launcher, dispose };
  };
}
