import type { Command } from 'commander';
import type { PredictOptions } from '../commands/predict/options.js';

/** Runs what was parsed; tests put a recorder in its place. */
export type RunPredict = (options: PredictOptions & { readonly timeout?: string }) => Promise<number>;

const runPredict: RunPredict = async (options) => {
  const [{ predictCommand }, { withInterrupt }] = await Promise.all([
    import('../commands/predict/command.js'),
    import('./interrupt.js'),
  ]);
  return withInterrupt((signal) => predictCommand(options, signal));
};

const gather = (value: string, before: readonly string[]): string[] => [...before, value];

export function addPredictCommand(program: Command, run: RunPredict = runPredict): void {
  program
    .command('predict')
    .description('predict a volume: by a server, by an archive on this machine, or run a chain alone')
    .option(
      '-i, --input <[name=]file>',
      'a volume, a DICOM folder, a .npy, or text and JSON (may be repeated)',
      gather,
      [],
    )
    .option('-u, --url <address>', 'http://host:port, or that with /predictions/model (default http://127.0.0.1:8080)')
    .option('-m, --model <file.mar>', 'run this archive here, without a server: the same bytes')
    .option('--chain <chain.json>', 'run this chain alone, without a model; needs --output field=file')
    .option('-o, --output <[name=]file>', 'write here, or into this folder (default: beside the input)', gather, [])
    .option('--format <form>', 'nifti, npy, json or png, whatever the name of the file says')
    .option('--overlay <file.png>', 'draw the label map over the input, three planes')
    .option('-f, --force', 'overwrite outputs that are there already')
    .option('--data-dir <folder>', 'with --chain: where file names inside of the chain begin')
    .option('--token-file <file>', 'the token for the server (or EISEN_TOKEN)')
    .option('--ca <file.pem>', 'certificate authorities to trust')
    .option('--timeout <seconds>', 'give up after this long (default 900)')
    .option('--json', 'tell what was written as JSON')
    .option('--quiet', 'say nothing on stderr')
    .action(async (options: Parameters<RunPredict>[0]) => {
      process.exitCode = await run(options);
    });
}
