import { rmSync } from 'node:fs';
import { isEisenError } from '../../core/errors/error.js';
import { pidFilePath, readPidFile } from '../../core/serving/lifecycle/pid-file.js';
import { openBackgroundLine } from './background-child.js';
import { ALREADY_RUNNING, describeRunning, type Preflight, prepareStart, refuseStart } from './preflight.js';
import { describeError, runForeground, type StartReport } from './run-foreground.js';
import type { ServeConsole, ServeOptions, ServeSignals } from './serve-options.js';
import { startInBackground } from './start-background.js';
import { stopServer } from './stop-server.js';

export interface ServeContext {
  readonly signals: ServeSignals;
  readonly console: ServeConsole;
}

/** The peer looks for a running server before it looks at anything else. */
function refuseSecondServer(console: ServeConsole): void {
  const state = readPidFile();
  if (state.kind === 'running') {
    throw refuseStart(ALREADY_RUNNING, undefined, describeRunning(state.pid));
  }
  if (state.kind === 'orphan') {
    console.out('Removing orphan pid file.');
    rmSync(pidFilePath(), { force: true });
  }
}

async function start(options: ServeOptions, context: ServeContext): Promise<number> {
  const { console } = context;
  refuseSecondServer(console);
  const preflight = prepareStart({ options, env: process.env, cwd: process.cwd() });
  for (const warning of preflight.warnings) console.talk(`Warning: ${warning}`);
  if (options.start === true && options.foreground !== true) {
    return startInBackground({ options, config: preflight.config, ...context });
  }
  const quiet: Preflight = { ...preflight, warnings: [] };
  return runForeground({
    preflight: quiet,
    ...context,
    onStarted: (report) => tell(report, console),
    stopOnFailure: false,
  });
}

function tell(report: StartReport, console: ServeConsole): void {
  if (report.kind === 'ready') console.out('Model server started.');
}

/** Serves models, in this process or in one of its own, or stops the server. Returns the exit code. */
export async function serve(options: ServeOptions, context: ServeContext): Promise<number> {
  const { console } = context;
  try {
    return options.stop === true ? await stopServer(options, console) : await start(options, context);
  } catch (error) {
    if (!isEisenError(error) || error.code !== 'START_REFUSED') throw error;
    console.out(error.message);
    if (error.details.hint !== undefined) console.talk(error.details.hint);
    return 1;
  }
}

/** The life of a server in the background: its options come from the command that spawned it. */
export async function serveAsChild(context: ServeContext): Promise<number> {
  const line = await openBackgroundLine();
  if (line === null) return 2;
  const { options, report, abandoned } = line;
  const inherits = options.inheritOutput === true;
  const silent: ServeConsole = { out: () => undefined, talk: () => undefined };
  const console = inherits ? context.console : silent;
  try {
    const preflight = prepareStart({ options, env: process.env, cwd: process.cwd() });
    return await runForeground({
      preflight,
      signals: context.signals,
      console,
      abandoned,
      stopOnFailure: options.keepGoing !== true,
      onStarted: (result) => {
        tell(result, console);
        report(result);
      },
    });
  } catch (error) {
    report({ kind: 'failed', reason: describeError(error) });
    return 1;
  }
}
