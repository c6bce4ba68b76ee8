import type { ChildProcess } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { EisenError, isEisenError } from '../../errors/error.js';
import { encodeLoad } from '../worker-protocol/encode-frames.js';
import type { OutgoingRow, ReplyFrame } from '../worker-protocol/frames.js';
import { createReplyParser } from '../worker-protocol/reply-parser.js';
import { createFrameSender } from './frame-sender.js';
import { createLineSplitter } from './line-splitter.js';
import { spawnWorker } from './spawn-worker.js';
import { describeEnd, type EndCause, type WorkerEnd } from './worker-end.js';
import type { LaunchPlan } from './worker-launcher.js';

export interface WorkerOptions {
  readonly plan: LaunchPlan;
  /** A process that has been started by this plan already. */
  readonly child?: ChildProcess;
  readonly startupTimeoutMs: number;
  /** Of one reply body. */
  readonly limitBytes: number;
  /** Whether the reply that arrives now, to this request, is that of one job, which may have it in parts. */
  readonly mayPassOn: (requestId: string) => boolean;
  readonly onReady: () => void;
  readonly onReply: (frame: ReplyFrame) => void;
  /** Once, when the process is gone and every reply it had sent has been handed over. */
  readonly onEnd: (end: WorkerEnd) => void;
  readonly onLine: (line: string, stream: 'stdout' | 'stderr') => void;
}

/** One worker process and its channel. */
export interface WorkerProcess {
  readonly pid: number;
  readonly startTime: Date;
  /** It has loaded its model and nobody has ended it. */
  readonly isReady: boolean;
  send(rows: readonly OutgoingRow[]): void;
  /** SIGKILL: native code hears nothing less. */
  kill(cause: EndCause, error?: EisenError): void;
  /** Closes the channel; the worker ends by itself, or is killed after two seconds. */
  close(): void;
}

const CLOSE_GRACE_MS = 2000;
const LAST_LINES = 5;

export function startWorkerProcess(options: WorkerOptions): WorkerProcess {
  const { plan, onReady, onReply, onEnd, onLine } = options;
  const startTime = new Date();
  const parser = createReplyParser(options);
  const errorLines: string[] = [];
  let socket: Socket | null = null;
  let send: WorkerProcess['send'] | undefined;
  let isReady = false;
  let hasEnded = false;
  let cause: EndCause = 'exit';
  let failure: EisenError | undefined;

  const child = options.child ?? spawnWorker(plan);

  const kill = (reason: EndCause, error?: EisenError): void => {
    if (hasEnded) return;
    if (cause === 'exit') {
      cause = reason;
      failure = error;
    }
    child.kill('SIGKILL');
  };
  const startupTimer = setTimeout(() => kill('startup-timeout'), options.startupTimeoutMs);

  const receive = (piece: Buffer): void => {
    try {
      for (const frame of parser.push(piece)) {
        if (isReady) onReply(frame);
        else if (frame.code === 200) {
          isReady = true;
          clearTimeout(startupTimer);
          onReady();
        } else
          kill('load-failed', new EisenError('WORKER_START_FAILED', frame.message, { found: `code ${frame.code}` }));
      }
    } catch (error) {
      kill('protocol', isEisenError(error) ? error : undefined);
      if (!isEisenError(error)) throw error;
    }
  };
  const attach = (channel: Socket): void => {
    socket = channel;
    // A worker that dies while we write to it tells so by its end.
    channel.on('error', () => undefined);
    channel.on('data', receive);
    for (const piece of encodeLoad(plan.load)) channel.write(piece);
    send = createFrameSender(channel);
  };
  const end = (code: number | null, signal: NodeJS.Signals | null): void => {
    if (hasEnded) return;
    hasEnded = true;
    clearTimeout(startupTimer);
    socket?.destroy();
    onEnd(describeEnd({ cause, wasReady: isReady, code, signal, failure, lastLines: errorLines }));
  };

  const listen = (stream: Readable | null, name: 'stdout' | 'stderr'): void => {
    const splitter = createLineSplitter({
      now: Date.now,
      onLine: (line) => {
        if (plan.channel.kind === 'socket' && socket === null && line === plan.channel.readyLine) {
          attach(connect(plan.channel.path));
        }
        if (name === 'stderr' && errorLines.push(line) > LAST_LINES) errorLines.shift();
        onLine(line, name);
      },
    });
    stream?.on('data', splitter.push).on('end', splitter.end);
  };
  listen(child.stdout, 'stdout');
  listen(child.stderr, 'stderr');
  child.stdin?.on('error', () => undefined);
  child.on('error', (error) => {
    failure ??= new EisenError('WORKER_START_FAILED', `The worker cannot be started: ${error.message}`, {
      cause: error,
    });
    end(null, null);
  });
  // 'close' comes after the last byte; a grandchild that keeps a pipe open must not hold it back for ever.
  child.on('exit', (code, signal) => setTimeout(() => end(code, signal), 500).unref());
  child.on('close', end);
  if (child.pid !== undefined && plan.channel.kind === 'descriptor') attach(child.stdio[3] as Socket);

  return {
    pid: child.pid ?? 0,
    startTime,
    get isReady() {
      return isReady && cause === 'exit';
    },
    send: (rows) => send!(rows),
    kill,
    close: () => {
      if (hasEnded) return;
      if (cause === 'exit') cause = 'closed';
      socket?.end();
      child.stdin?.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_GRACE_MS);
      child.once('exit', () => clearTimeout(timer));
      if (!isReady) child.kill('SIGKILL');
    },
  };
}
