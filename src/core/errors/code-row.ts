/** Exit codes of the command line: 0 done, 1 internal, 2 usage, 3 bad input, 4 bad package, 5 server unreachable or refused, 75 try again. */
export type ExitCode = 1 | 2 | 3 | 4 | 5 | 75;

/** One row of the error table. `http` is the status a server answers with, `exit` the exit code of a command, `means` one line for the docs. */
export interface CodeRow {
  readonly http: number;
  readonly exit: ExitCode;
  readonly means: string;
}
