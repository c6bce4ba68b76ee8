import type { ChildProcess } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import type { RunFolder } from './run-folder.js';
import { spawnWorker } from './spawn-worker.js';
import type { LaunchPlan } from './worker-launcher.js';

/** A started process, and the plan that made it one worker or that makes it another now. */
export interface TakenWorker {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly plan: LaunchPlan;
}

/**
 * At most one worker process that is started before its model is known: its program and the inference engine load while the
 * server still reads its archives.
 */
export interface SpareWorker {
  start(planFor: (folder: string) => LaunchPlan): void;
  /** The spare, when it was started just as `planFor` wants it (its model aside); it is ended otherwise. */
  take(planFor: (folder: string) => LaunchPlan): TakenWorker | undefined;
  /** Ends it when nobody has taken it. */
  drop(): void;
}

function isSameProcess(a: LaunchPlan, b: LaunchPlan): boolean {
  const { load: _, ...one } = a;
  const { load: __, ...other } = b;
  return isDeepStrictEqual(one, other);
}

export function createSpareWorker(runFolder: RunFolder, spawn: typeof spawnWorker = spawnWorker): SpareWorker {
  let kept: TakenWorker | undefined;
  const drop = (): void => {
    kept?.child.kill('SIGKILL');
    kept = undefined;
  };
  return {
    start(planFor) {
      drop();
      const folder = runFolder.make('worker-spare');
      const plan = planFor(folder);
      const child = spawn(plan);
      const spare = { child, folder, plan };
      // One that ends by itself is none; whoever wants a worker then starts one and hears why.
      const forget = (): void => {
        if (kept === spare) kept = undefined;
      };
      child.once('error', forget).once('exit', forget);
      kept = spare;
    },
    take(planFor) {
      if (kept === undefined) return undefined;
      const { child, folder, plan } = kept;
      const wanted = planFor(folder);
      if (!isSameProcess(plan, wanted)) {
        drop();
        return undefined;
      }
      kept = undefined;
      return { child, folder, plan: wanted };
    },
    drop,
  };
}
