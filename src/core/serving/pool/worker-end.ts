import { EisenError } from '../../errors/error.js';

/** Why a worker process ended. `exit`: by itself or by somebody else's hand. */
export type EndCause =
  | 'closed'
  | 'exit'
  | 'startup-timeout'
  | 'response-timeout'
  | 'memory'
  | 'protocol'
  | 'load-failed'
  /** No process was started: the archive is not the registered one. */
  | 'refused';

export interface WorkerEnd {
  readonly cause: EndCause;
  readonly wasReady: boolean;
  /** What the job that it held is told. */
  readonly error: EisenError;
  /** `signal SIGKILL` or `exit code 1`; absent when no process was there. */
  readonly how?: string;
  /** What it printed last to its standard error, oldest first. */
  readonly lastLines?: readonly string[];
}

/** An end for the log: whose, and what comes of it. */
export interface WorkerEndEvent extends WorkerEnd {
  readonly model: string;
  readonly version: string;
  readonly workerId: string;
  /** 0: no process was there. */
  readonly pid: number;
  /** Time until the next start in this place. */
  readonly restartInMs: number;
  readonly breakerOpen: boolean;
}

interface EndFacts {
  readonly cause: EndCause;
  readonly wasReady: boolean;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly failure: EisenError | undefined;
  readonly lastLines: readonly string[];
}

function startError({ cause, failure, lastLines }: EndFacts, how: string): EisenError {
  const last = lastLines.filter((line) => line.trim() !== '').at(-1);
  if (cause === 'memory' || failure?.details.found === 'code 507') {
    return new EisenError('WORKER_OUT_OF_MEMORY', 'The worker passed its memory ceiling before it was ready.', {
      hint: 'Raise the memory limit of the model (worker_memory_limit), or free memory.',
    });
  }
  const why = failure?.message ?? (cause === 'startup-timeout' ? 'it was not ready within the startup timeout' : how);
  return new EisenError('WORKER_START_FAILED', `The worker did not become ready: ${why}`, {
    found: how,
    hint: failure === undefined && last !== undefined ? `Its last words: ${last.slice(0, 300)}` : undefined,
    cause: failure,
  });
}

/** What is told about a worker's end: to the job it held, to `describe`, to the log. */
export function describeEnd(facts: EndFacts): WorkerEnd {
  const { cause, wasReady, code, signal, failure } = facts;
  const how = signal !== null ? `signal ${signal}` : `exit code ${code}`;
  const { lastLines } = facts;
  if (cause === 'refused' && failure !== undefined) return { cause, wasReady: false, error: failure, how };
  const error = wasReady ? runningError(cause, how, failure) : startError(facts, how);
  return { cause, wasReady, error, how, lastLines };
}

function runningError(cause: EndCause, how: string, failure: EisenError | undefined): EisenError {
  switch (cause) {
    case 'memory':
      return new EisenError('WORKER_OUT_OF_MEMORY', 'Worker died: it was ended at its memory ceiling.', {
        hint: 'Send a smaller input, or raise the memory limit of the model (worker_memory_limit).',
      });
    case 'response-timeout':
      return new EisenError('RESPONSE_TIMEOUT', 'Worker died: it did not answer within the response timeout.', {
        hint: 'Send a smaller input, or raise the response timeout of the model.',
      });
    case 'protocol':
      return new EisenError('WORKER_PROTOCOL', `Worker died: ${failure?.message ?? 'its reply was damaged'}`, {
        cause: failure,
      });
    case 'closed':
      return new EisenError('NO_WORKER', 'The worker was stopped before it answered.');
    default:
      return new EisenError('WORKER_DIED', `Worker died: ${how}.`, { found: how });
  }
}
