import path from 'node:path';
import type { Prepacking } from '../../model/prepacking.js';
import { findParentLink } from './parent-link.js';
import type { WorkerLauncher } from './worker-launcher.js';
import { findWorkerProgram } from './worker-program.js';

/** Variables that a worker may see: none of them carries a secret, and tokens never travel in any other. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'LD_LIBRARY_PATH',
  'NODE_V8_COVERAGE',
  'XDG_CACHE_HOME',
  'EISEN_DEPLOY_CACHE',
];

/**
 * Memory in huge pages, which halves big copies, and the thresholds that the allocator would learn by itself from the first
 * large blocks: freed memory up to 64 MiB is then used again from the start instead of being fetched anew, page by page.
 * Copies without the string instruction of the processor, which on AMD's takes three times as long when source and target
 * lie badly to each other.
 */
const C_LIBRARY = [
  'glibc.malloc.hugetlb=1',
  'glibc.malloc.mmap_threshold=33554432',
  'glibc.malloc.trim_threshold=67108864',
  'glibc.cpu.x86_rep_movsb_threshold=1073741824',
].join(':');

/**
 * The environment of a worker: a short list of names out of `env`, an allocator set for volumes, and no word to
 * the makers of the engine, whose builds report to them otherwise: nothing about a patient's machine leaves it.
 */
export function workerEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept: Record<string, string> = {
    GLIBC_TUNABLES: C_LIBRARY,
    ORT_DISABLE_TELEMETRY: '1',
  };
  for (const name of PASSED_ON) {
    const value = env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

export interface NodeLauncherOptions {
  readonly modelName: string;
  /** The .mar, .tgz or folder; the worker opens it in place. */
  readonly archivePath: string;
  readonly batchSize: number;
  /** As the launcher's; absent where each start takes what it finds. */
  readonly findRefusal?: WorkerLauncher['findRefusal'];
  /** The worker answers the sample of its archive before it counts as ready. */
  readonly selfTest?: boolean;
  /** Whether it lays weights out anew at load; 'auto' unless given. */
  readonly prepacking?: Prepacking;
  readonly env?: NodeJS.ProcessEnv;
  /** Words in front of the command that tie the worker to our life; those of this machine unless given. */
  readonly parentLink?: readonly string[] | null;
}

/** Starts our own worker program with this same Node. */
export function createNodeLauncher(options: NodeLauncherOptions): WorkerLauncher {
  const { modelName, archivePath, batchSize, selfTest = false, prepacking = 'auto', env = process.env } = options;
  const program = findWorkerProgram();
  const link = options.parentLink === undefined ? findParentLink() : options.parentLink;
  const [command, ...before] = [...(link ?? []), process.execPath];
  return {
    pipelineDepth: 8,
    findRefusal: options.findRefusal,
    plan: ({ folder, threads }) => ({
      command: command!,
      args: [
        ...before,
        program,
        '--sock-type',
        'fd',
        '--sock-name',
        '3',
        '--threads',
        String(threads),
        ...(link === null ? [] : ['--server-pid', String(process.pid)]),
        ...(selfTest ? ['--self-test'] : []),
        ...(prepacking === 'auto' ? [] : ['--prepacking', prepacking]),
      ],
      // The engine writes scratch files of its own beside ours.
      env: { ...workerEnvironment(env), TMPDIR: folder },
      cwd: folder,
      channel: { kind: 'descriptor', fd: 3 },
      load: {
        modelName,
        modelDir: path.resolve(archivePath),
        batchSize,
        handler: '',
        gpuId: -1,
        envelope: '',
        limitMaxImagePixels: true,
      },
    }),
  };
}
