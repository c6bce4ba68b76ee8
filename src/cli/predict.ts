import type { Command } from 'commander';
import type { PredictFlags } from '../commands/predict/command.js';
import type { PredictOptions } from '../commands/predict/options.js';

/** Runs what was parsed; tests put a recorder in its place. */
export type RunPredict = (options: PredictOptions & PredictFlags) => Promise<number>;

const runPredict: RunPredict = async (options) => {
  const [{ predictCommand }, { withInterrupt }] = await Promise.all([
    import('../commands/predict/command.js'),
    import('./interrupt.js'),
  ]);
  return withInterrupt((signal) => predictCommand(options, signal));
};

const gather = (value: string, before: readonly string[] = []): string[] => [...before, value];

const EXAMPLES = `
Inputs and outputs are files; - stands for no stream. Of a file with a = in its
name write the path: ./a=b.nii.gz.

Examples:
  eisen-deploy predict -i t1.nii.gz
      by the only model of the server on this machine; writes t1_<output>.nii.gz
  eisen-deploy predict -i t1.nii.gz -m brain.mar --overlay look.png
      without a server, with a picture of the result
  eisen-deploy predict -i t1=a.nii -i t2=b.nii -u http://host:8080/predictions/two
      two inputs, by a named model of another server
  eisen-deploy predict --chain pre.json -i image=t1.nii.gz -o image=seen.npy
      what a model would see`;

export function addPredictCommand(program: Command, run: RunPredict = runPredict): void {
  program
    .command('predict')
    .description('predict a volume: by a server, by an archive on this machine, or run a chain alone')
    .argument('[inputs...]', 'the same as --input')
    .option(
      '-i, --input <[name=]file>',
      'a volume, a DICOM folder, a .npy, lists in a .json, or text (may be repeated)',
      gather,
    )
    .option('-u, --url <address>', 'http://host:port, or that with /predictions/model (default http://127.0.0.1:8080)')
    .option('-m, --model <file.mar>', 'run this archive here, without a server: the same bytes')
    .option('--chain <chain.json>', 'run this chain alone, without a model; needs --output field=file')
    .option('-o, --output <[name=]file>', 'write here, or into this folder (default: beside the input)', gather)
    .option('--format <form>', 'nifti, npy, json or png, whatever the name of the file says')
    .option('--overlay <file.png>', 'draw the label map over the input, three planes')
    .option('-f, --force', 'overwrite outputs that are there already')
    .option('--data-dir <folder>', 'with --chain: where file names inside of the chain begin')
    .option('--token-file <file>', 'a token, or the key_file.json of the server (or EISEN_TOKEN)')
    .option('--ca <file.pem>', 'certificate authorities to trust')
    .option('--timeout <seconds>', 'give up after this long (default 900; with --model 3600)')
    .option('--retry <times>', 'ask a busy server again when it says when (default 3)')
    .option('--json', 'tell what was written as JSON')
    .option('--quiet', 'say nothing on stderr but errors and what is wrong with the result')
    .addHelpText('after', EXAMPLES)
    .action(async (inputs: readonly string[], options: Partial<Parameters<RunPredict>[0]>) => {
      const { input = [], output = [] } = options;
      process.exitCode = await run({ ...options, input: [...inputs, ...input], output });
    });
}
