import type { ServeFlags } from '../../core/serving/config/serve-flags.js';

/** The command line of `serve`: what the configuration takes, and what to do. */
export interface ServeOptions extends ServeFlags {
  readonly start?: boolean;
  readonly stop?: boolean;
  readonly foreground?: boolean;
  readonly tsConfig?: string;
  readonly logConfig?: string;
  readonly cppLogConfig?: string;
  readonly pluginsPath?: string;
  readonly restoreSnapshot?: boolean;
  /** Background only: serve the models that load although others do not. */
  readonly keepGoing?: boolean;
  /** Background only: the server goes on writing to this console, as the peer's does. */
  readonly inheritOutput?: boolean;
}

/** Signals that a serving process understands; wired by the outermost shell. */
export interface ServeSignals {
  /** First SIGTERM or SIGINT. */
  onStop(listener: () => void): void;
  /** Any further one. */
  onStopNow(listener: () => void): void;
  /** SIGHUP. */
  onReload(listener: () => void): void;
}

/** What the command says to its console. */
export interface ServeConsole {
  out(line: string): void;
  talk(line: string): void;
}
