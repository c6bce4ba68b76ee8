import { performance } from 'node:perf_hooks';
import { renderJson } from './render-json.js';

/** Where a command speaks: the result on stdout, the talk on stderr. */
export interface Output {
  /** The result as data: one JSON document with --json, else the text for people. */
  result(data: unknown, text: string): void;
  /** One line for people, on stderr; nothing with --quiet. */
  say(text: string): void;
  /** One line on stderr about a result that may be wrong; with --quiet too. */
  warn(text: string): void;
  /** Tells the stage a long work is in; the one before is over. */
  stage(text: string): void;
  /** The long work is over. */
  endStages(): void;
}

export interface OutputOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** A part of process.stdout or process.stderr. */
export interface Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Surroundings {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
}

const HERE: Surroundings = {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  now: () => performance.now(),
};

/** A spinner: what ora gives, as far as it is used. */
interface Spinner {
  text: string;
  stop(): unknown;
}

/**
 * On a terminal the stages share one line with a spinner and the time since the stage began; elsewhere each stage is a plain
 * line. A terminal that calls itself `dumb`, or has no width (as some ptys say; ora would never end there), is none.
 */
export function createOutput(options: OutputOptions = {}, here: Surroundings = HERE): Output {
  const { stdout, stderr, env, now } = here;
  const lively = stderr.isTTY === true && stderr.columns !== 0 && env['TERM'] !== 'dumb' && options.quiet !== true;
  let spinner: Promise<Spinner> | null = null;
  let label = '';
  let began = 0;
  const elapsed = (): string => `${((now() - began) / 1000).toFixed(1)} s`;

  const startSpinner = async (): Promise<Spinner> => {
    const { default: ora } = await import('ora');
    return ora({ text: label, stream: process.stderr, suffixText: () => elapsed(), discardStdin: false }).start();
  };
  const endStages = (): void => {
    void spinner?.then((running) => running.stop());
    spinner = null;
  };
  return {
    result(data, text) {
      endStages();
      stdout.write(options.json === true ? renderJson(data) : withNewline(text));
    },
    say(text) {
      if (options.quiet !== true) stderr.write(withNewline(text));
    },
    warn(text) {
      stderr.write(withNewline(`WARNING - ${text}`));
    },
    stage(text) {
      label = text;
      began = now();
      if (options.quiet === true) return;
      if (!lively) {
        stderr.write(`${text}\n`);
        return;
      }
      spinner ??= startSpinner();
      void spinner.then((running) => {
        running.text = label;
      });
    },
    endStages,
  };
}

function withNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
