import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');
export const EISEN_DEPLOY = path.join(ROOT, 'bin', 'eisen-deploy.js');
export const TORCHSERVE = path.join(ROOT, 'bin', 'torchserve.js');

/** Addresses on ports that the system chooses. */
const FREE_PORTS = [
  'inference_address=http://127.0.0.1:0',
  'management_address=http://127.0.0.1:0',
  'metrics_address=http://127.0.0.1:0',
  '',
].join('\n');

/** A folder to serve from, with a model store, a configuration on free ports and a temporary folder of its own. */
export interface Site {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Writes config.properties: free ports and these lines. */
  configure(...lines: string[]): void;
  remove(): void;
}

/** A test that failed half-way must not leave a server that keeps the test run open. */
function killLeftServer(folder: string): void {
  try {
    process.kill(Number(readFileSync(path.join(folder, 'tmp', '.model_server.pid'), 'utf8')), 'SIGKILL');
  } catch {
    // The usual case: none is left.
  }
}

export function createSite(): Site {
  const folder = mkdtempSync(path.join(tmpdir(), 'site-'));
  mkdirSync(path.join(folder, 'tmp'));
  mkdirSync(path.join(folder, 'model_store'));
  const {
    TEMP: _temp,
    TMP: _tmp,
    TS_CONFIG_FILE: _file,
    LOG_LOCATION: _log,
    NODE_OPTIONS: _options,
    ...env
  } = process.env;
  const configure = (...lines: string[]): void =>
    writeFileSync(path.join(folder, 'config.properties'), FREE_PORTS + lines.join('\n'));
  configure();
  return {
    folder,
    env: { ...env, TMPDIR: path.join(folder, 'tmp') },
    configure,
    remove: () => {
      killLeftServer(folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Resolves at the first output that holds the text; rejects with all output when the program ends before. */
  waitFor(text: string): Promise<void>;
  /** Both streams so far. */
  output(): string;
  readonly finished: Promise<Finished>;
}

/** Starts one of the two programs in a site; `under` is a command line that runs the rest of its own as a program, in its place. */
export function launch(
  site: Site,
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  under: readonly string[] = [],
): Running {
  const [command, ...rest] = [...under, process.execPath, program, ...args];
  const child = spawn(command!, rest, { cwd: site.folder, env: { ...site.env, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const finished = new Promise<Finished>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    child,
    finished,
    output: () => stdout + stderr,
    waitFor: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if ((stdout + stderr).includes(text)) resolve();
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        void finished.then(() => reject(new Error(`ended without '${text}':\n${stdout}${stderr}`)));
        look();
      }),
  };
}

export function run(
  site: Site,
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Finished> {
  return launch(site, program, args, env).finished;
}
