import { Command, CommanderError } from 'commander';
import { addMetadataCommand } from './cli/metadata.js';
import { addPackageCommand } from './cli/package.js';
import { addPredictCommand } from './cli/predict.js';
import { addServeCommand } from './cli/serve.js';
import { VERSION } from './version.js';

function createProgram(): Command {
  const program = new Command('eisen-deploy')
    .description('Package, serve and run medical-imaging models.')
    .version(VERSION)
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
    await createProgram().parseAsync(argv as string[], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { reportError } = await import('./commands/report-error.js');
    return reportError(error);
  }
}
