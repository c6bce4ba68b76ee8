import path from 'node:path';
import { afterEach } from '@jest/globals';
import type { Job, JobReply, ModelRuntime, ModelSettings } from '../../../src/core/serving/model-runtime.js';
import { createModelRuntime } from '../../../src/core/serving/pool/create-model-runtime.js';
import { workerEnvironment } from '../../../src/core/serving/pool/node-launcher.js';
import type { WorkerEndEvent } from '../../../src/core/serving/pool/worker-end.js';
import { createWorkerHost, type WorkerHost, type WorkerLine } from '../../../src/core/serving/pool/worker-host.js';
import type { WorkerLauncher } from '../../../src/core/serving/pool/worker-launcher.js';

const PROGRAM = path.join(import.meta.dirname, 'scripted-worker.js');

export const SETTINGS: ModelSettings = {
  minWorkers: 1,
  maxWorkers: 1,
  batchSize: 1,
  maxBatchDelayMs: 0,
  responseTimeoutMs: 20_000,
  startupTimeoutMs: 20_000,
  maxRetryTimeoutMs: 300_000,
  clientTimeoutMs: 0,
  jobQueueSize: 100,
  memoryLimitBytes: 0,
  recycleAfterJobs: 0,
  device: 'cpu',
};

export interface ScriptedPool {
  readonly runtime: ModelRuntime;
  readonly host: WorkerHost;
  readonly lines: WorkerLine[];
  readonly ends: WorkerEndEvent[];
  /** Sends a body and resolves to the reply. */
  ask(body: string | Uint8Array, extra?: Partial<Job>): Promise<JobReply>;
}

const open: ScriptedPool[] = [];

afterEach(async () => {
  await Promise.all(open.map(({ runtime }) => runtime.stop({ drainMs: 0 })));
  for (const { host } of open.splice(0)) host.close();
});

/** Launches `scripted-worker`; the n-th start behaves as `starts[n]` says, the last entry from then on. */
export function createScriptedLauncher(starts: readonly string[] = ['ok'], pipelineDepth = 1): WorkerLauncher {
  let count = 0;
  return {
    pipelineDepth,
    plan: ({ folder }) => {
      const start = starts[Math.min(count, starts.length - 1)]!;
      count += 1;
      return {
        command: process.execPath,
        args: [PROGRAM, start],
        env: workerEnvironment(process.env),
        cwd: folder,
        channel: { kind: 'descriptor', fd: 3 },
        load: {
          modelName: 'm',
          modelDir: folder,
          batchSize: 1,
          handler: '',
          gpuId: -1,
          envelope: '',
          limitMaxImagePixels: true,
        },
      };
    },
  };
}

/** A model whose workers do what the bodies tell them; stopped when the test ends. */
export function createScriptedPool(
  options: { settings?: Partial<ModelSettings>; launcher?: WorkerLauncher; memoryBytes?: number } = {},
): ScriptedPool {
  const lines: WorkerLine[] = [];
  const ends: WorkerEndEvent[] = [];
  const host = createWorkerHost({
    onLine: (line) => lines.push(line),
    onEnded: (end) => ends.push(end),
    memoryBytes: options.memoryBytes,
  });
  const runtime = createModelRuntime({
    ...{ host, name: 'm', version: '1.0', archivePath: '/nowhere.mar', metadata: null },
    settings: { ...SETTINGS, ...options.settings },
    launcher: options.launcher ?? createScriptedLauncher(),
    random: () => 0.5,
  });
  let id = 0;
  const ask = (body: string | Uint8Array, extra: Partial<Job> = {}): Promise<JobReply> => {
    id += 1;
    const value = [typeof body === 'string' ? Buffer.from(body) : body];
    const parameters = [{ name: 'body', contentType: '', value }];
    return runtime.submit({ requestId: `r${id}`, kind: 'predict', headers: [['A', 'b']], parameters, ...extra });
  };
  const pool = { runtime, host, lines, ends, ask };
  open.push(pool);
  return pool;
}

export const textOf = (reply: JobReply): string => Buffer.concat(reply.body).toString('utf8');
