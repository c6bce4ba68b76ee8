import type { Command } from 'commander';
import type { CreateOptions, MetadataCommandOptions, ShowOptions, ValidateOptions } from '../commands/metadata.js';

/** Runs what was parsed; tests put a recorder in its place. */
export type RunMetadata = (options: MetadataCommandOptions) => Promise<number>;

const runMetadata: RunMetadata = async (options) => {
  const { metadataCommand } = await import('../commands/metadata.js');
  return metadataCommand(options);
};

const gather = (value: string, before: readonly string[] = []): string[] => [...before, value];

const CREATE_EXAMPLES = `
Examples:
  eisen-deploy metadata create --from model.onnx -o metadata.json
  eisen-deploy metadata create --from model.onnx --pre-processing pre.json --post-processing post.json -o metadata.json
      what travels, told by the chains: a file for LoadImage, a volume from WriteNifti
  eisen-deploy metadata create --from model.onnx --input image:nifti:-1,-1,-1
      a file instead of an array: the server decodes it

Types: ndarray (an array); nifti, dicom, image (a file that the server decodes); str, list, json (as they are).`;

const NOTHING = { input: [], output: [], modelInput: [], modelOutput: [] };

export function addMetadataCommand(program: Command, run: RunMetadata = runMetadata): void {
  const metadata = program
    .command('metadata')
    .description('create, show or check the metadata of a model: its inputs and outputs');
  const finish = async (options: MetadataCommandOptions): Promise<void> => {
    process.exitCode = await run(options);
  };

  metadata
    .command('create')
    .description('write metadata from a model, from descriptions, or from both (a description wins)')
    .option('--from <model.onnx>', 'read names, dtypes and shapes from this graph; -1 stands for a free axis')
    .option('--pre-processing <chain.json>', 'describe what this chain takes from a request, not what the graph takes')
    .option('--post-processing <chain.json>', 'describe what this chain leaves for the reply, not what the graph gives')
    .option('--input <name:type:shape>', 'describe an input, as image:nifti:-1,-1,-1 (may be repeated)', gather)
    .option('--output <name:type:shape>', 'describe an output (may be repeated)', gather)
    .option('--model-input <name>', 'an input of the model itself, in its order (may be repeated)', gather)
    .option('--model-output <name>', 'an output of the model itself, in its order (may be repeated)', gather)
    .option('--custom <json>', 'a JSON object to carry along, or @file')
    .option('-o, --out <file>', 'write here instead of to stdout')
    .option('-f, --force', 'overwrite the file')
    .option('--quiet', 'say nothing on stderr')
    .addHelpText('after', CREATE_EXAMPLES)
    .action((options: Partial<Omit<CreateOptions, 'action'>>) => finish({ action: 'create', ...NOTHING, ...options }));

  metadata
    .command('show')
    .description('show an .onnx file, an archive, a metadata.json or a running server')
    .argument('<source>', 'a file, or http://host:port[/predictions/model]')
    .option('--json', 'as JSON')
    .option('--token-file <file>', 'a token, or the key_file.json of the server (or EISEN_TOKEN)')
    .option('--ca <file.pem>', 'certificate authorities to trust')
    .action((source: string, options: Omit<ShowOptions, 'action' | 'source'>) =>
      finish({ action: 'show', source, ...options }),
    );

  metadata
    .command('validate')
    .description(
      'name every problem of a metadata.json or of the metadata in an archive; exit code 4 when there are any',
    )
    .argument('<file>', 'a metadata.json or an archive')
    .option('--json', 'as JSON')
    .action((source: string, options: Omit<ValidateOptions, 'action' | 'source'>) =>
      finish({ action: 'validate', source, ...options }),
    );
}
