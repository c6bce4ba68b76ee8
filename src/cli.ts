import { Command, CommanderError } from 'commander';
import { expandFlagPrefixes, findOneDashFlag } from './cli/flag-prefix.js';
import { addMetadataCommand } from './cli/metadata.js';
import { addPackageCommand } from './cli/package.js';
import { addPredictCommand } from './cli/predict.js';
import { addServeCommand } from './cli/serve.js';
import { watchStreams } from './cli/watch-streams.js';
import { VERSION } from './version.js';

const EXIT_CODES = `
Exit codes: 0 all done, 1 a fault of the program, 2 wrong usage, 3 bad input,
4 bad package, 5 server unreachable or refused, 75 try again later. With --json
a failure is one JSON object on stdout. docs/errors.md lists every error.`;

function createProgram(): Command {
  const program = new Command('eisen-deploy')
    .description('Package, serve and run medical-imaging models.')
    .version(VERSION)
    .addHelpText('after', EXIT_CODES)
    // Without this the program's own --version would swallow that of a subcommand.
    .enablePositionalOptions()
    .exitOverride();
  addMetadataCommand(program);
  addPackageCommand(program);
  addServeCommand(program);
  addPredictCommand(program);
  return program;
}

/** Runs the command line; resolves to the exit code and never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const streams = watchStreams();
  try {
    const exitCode = await runCommand(argv);
    const lost = await streams.settle();
    // What a server says on stdout is its log, no result: it has served, and its exit code is TorchServe's.
    if (lost === null || argv[0] === 'serve') return exitCode;
    const { reportError } = await import('./commands/report-error.js');
    const lostCode = reportError(lost, { json: false });
    await streams.settle();
    return lostCode;
  } finally {
    streams.release();
  }
}

async function runCommand(argv: readonly string[]): Promise<number> {
  const program = createProgram();
  const command = program.commands.find((candidate) => candidate.name() === argv[0]);
  const flags = command?.options.flatMap((option) => option.long ?? []) ?? [];
  const words = expandFlagPrefixes(argv, flags);
  try {
    const oneDash = findOneDashFlag(words, flags);
    if (oneDash !== undefined) {
      const { EisenError } = await import('./core/errors/error.js');
      throw new EisenError('USAGE', `${oneDash}: one dash is for flags of one letter; expected -${oneDash}.`);
    }
    await program.parseAsync(words, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const { reportError, reportUsage } = await import('./commands/report-error.js');
    const json = words.includes('--json');
    return error instanceof CommanderError ? reportUsage(error.message, { json }) : reportError(error, { json });
  }
}
