import { Command, CommanderError } from 'commander';
import { expandFlagPrefixes } from './cli/flag-prefix.js';
import { addMetadataCommand } from './cli/metadata.js';
import { addPackageCommand } from './cli/package.js';
import { addPredictCommand } from './cli/predict.js';
import { addServeCommand } from './cli/serve.js';
import { VERSION } from './version.js';

function createProgram(): Command {
  const program = new Command('eisen-deploy')
    .description('Package, serve and run medical-imaging models.')
    .version(VERSION)
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
  try {
    const program = createProgram();
    const command = program.commands.find((candidate) => candidate.name() === argv[0]);
    const flags = command?.options.flatMap((option) => option.long ?? []) ?? [];
    await program.parseAsync(expandFlagPrefixes(argv, flags), { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { reportError } = await import('./commands/report-error.js');
    return reportError(error);
  }
}
