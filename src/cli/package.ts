import type { Command } from 'commander';
import type { PackageCommandOptions } from '../commands/package.js';

/** Runs what was parsed; tests put a recorder in its place. */
export type RunPackage = (options: PackageCommandOptions) => Promise<number>;

const runPackage: RunPackage = async (options) => {
  const [{ packageCommand }, { withInterrupt }] = await Promise.all([
    import('../commands/package.js'),
    import('./interrupt.js'),
  ]);
  return withInterrupt((signal) => packageCommand(options, { env: process.env, stderr: process.stderr, signal }));
};

export function addPackageCommand(program: Command, run: RunPackage = runPackage): void {
  program
    .command('package')
    .description('package a model for the server; takes the flags of torch-model-archiver too')
    .option('--model <file.onnx>', 'the ONNX model; weights of 16 MiB and more go to an entry that can be mapped')
    .option(
      '--from-legacy <archive>',
      'take chains and metadata from an archive of the Python package; runs nothing in it',
    )
    .option('--metadata <file.json>', 'inputs and outputs of the package (default: what the graph says)')
    .option('--pre-processing <file.json>', 'the transform chain before the model')
    .option('--post-processing <file.json>', 'the transform chain after the model')
    .option(
      '--sample <folder>',
      'a folder with input.* (a request) and expected.* (its reply; recorded when missing) to test with and carry along',
    )
    .option('--license <spdx>', 'licence of the model, as CC-BY-4.0')
    .option('--author <name>', 'who made the model')
    .option('--model-description <text>', 'what the model does')
    .option('--source <url>', 'where the model comes from')
    .option('--training-data <text>', 'what the model was trained on')
    .option('--check <archive>', 'say whether an archive is whole and agrees with itself; exit code 4 when not')
    .option('--model-name <name>', 'name of the model and of the file')
    .option('-v, --version <version>', 'version of the model')
    .option('--handler <handler>', 'Python handler: a built-in name, a file, or module:function')
    .option('--serialized-file <file>', 'weights for the Python handler')
    .option('--model-file <file.py>', 'architecture for the Python handler')
    .option('--extra-files <list>', 'files, folders and patterns, separated by commas')
    .option('--runtime <runtime>', 'python, python3 or LSP', 'python')
    .option('--export-path <folder>', 'where to write (default: here; made when missing)')
    .option('--archive-format <format>', 'default, zip-store, tgz or no-archive', 'default')
    .option('-f, --force', 'overwrite')
    .option('-r, --requirements-file <file>', 'requirements.txt for the Python handler')
    .option('-c, --config-file <file.yaml>', 'configuration of the model for the server')
    .option('--json', 'the result as JSON')
    .option('--quiet', 'say nothing on stderr but errors')
    .action(async (options: PackageCommandOptions) => {
      process.exitCode = await run(options);
    });
}
