import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import type { LaunchPlan } from './worker-launcher.js';

/** Raised so that the kernel, short of memory, takes a worker and never the server. */
const OOM_SCORE = '500';
/** Steps below the server: it answers pings and takes in requests although inferences hold every core. */
const NICE_STEPS = 5;
const NICEST = 19;

function raiseOomScore(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, OOM_SCORE);
  } catch {
    // Not Linux, or gone already: the score is a courtesy to the host, not a condition.
  }
}

function lowerPriority(pid: number): void {
  try {
    os.setPriority(pid, Math.min(NICEST, os.getPriority() + NICE_STEPS));
  } catch {
    // Gone already; its end is told elsewhere.
  }
}

/** Starts the process of a worker. One that cannot be started has no pid and tells by its `error` event. */
export function spawnWorker(plan: Pick<LaunchPlan, 'command' | 'args' | 'env' | 'cwd' | 'channel'>): ChildProcess {
  const child = spawn(plan.command, plan.args, {
    cwd: plan.cwd,
    env: plan.env,
    stdio: plan.channel.kind === 'descriptor' ? ['pipe', 'pipe', 'pipe', 'pipe'] : ['pipe', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) {
    raiseOomScore(child.pid);
    // Before it has threads of its own: they inherit what it has then.
    lowerPriority(child.pid);
  }
  return child;
}
