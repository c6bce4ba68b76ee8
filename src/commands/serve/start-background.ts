import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import path from 'node:path';
import type { ServerConfig } from '../../core/serving/config/server-config.js';
import { openForAppending } from '../../core/serving/lifecycle/logs/log-file.js';
import type { StartReport } from './run-foreground.js';
import type { ServeConsole, ServeOptions, ServeSignals } from './serve-options.js';

/** The program this one belongs to, seen from dist/commands/serve/. */
const PROGRAM = path.resolve(import.meta.dirname, '../../../bin/eisen-deploy.js');

/** What the server process hears first from the command that started it. */
export interface BackgroundOrder {
  readonly kind: 'serve';
  readonly options: ServeOptions;
}

function spawnServer(config: ServerConfig, inheritOutput: boolean): ChildProcess {
  const args = ['--no-warnings', PROGRAM, 'serve', '--background-child'];
  if (inheritOutput)
    return spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  // What a dying server says last must not be lost.
  const log = openForAppending(path.join(config.logs.folder, 'ts_log.log'));
  try {
    return spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'ignore', log, 'ipc'] });
  } finally {
    closeSync(log);
  }
}

function waitForReport(child: ChildProcess): Promise<StartReport> {
  return new Promise((resolve) => {
    child.once('message', (message) => resolve(message as StartReport));
    child.once('error', (error) => resolve({ kind: 'failed', reason: error.message }));
    child.once('exit', (code, signal) =>
      resolve({ kind: 'failed', reason: `the server ended at its start (${signal ?? `exit code ${code}`}).` }),
    );
  });
}

/**
 * Starts the server as a process of its own and waits until its models answer. When they do not, or when this command is
 * interrupted, no server is left behind.
 * @returns 0 when the models answer, 1 with the reason on the console otherwise
 */
export async function startInBackground(input: {
  readonly options: ServeOptions;
  readonly config: ServerConfig;
  readonly signals: ServeSignals;
  readonly console: ServeConsole;
}): Promise<number> {
  const { options, config, signals, console } = input;
  const child = spawnServer(config, options.inheritOutput === true);
  signals.onStop(() => void child.kill('SIGTERM'));
  signals.onStopNow(() => void child.kill('SIGKILL'));
  const order: BackgroundOrder = { kind: 'serve', options };
  child.send(order, () => undefined);
  const report = await waitForReport(child);
  if (report.kind === 'failed') {
    console.talk(report.reason);
    await new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) resolve();
      else child.once('exit', () => resolve());
    });
    return 1;
  }
  // With an inherited console the server has said so itself.
  if (options.inheritOutput !== true) {
    for (const address of report.addresses) console.talk(`listening on ${address}`);
    console.out('Model server started.');
  }
  if (child.connected) child.disconnect();
  child.unref();
  return 0;
}
