import { EisenError } from '../core/errors/error.js';
import { renderProblem } from '../core/errors/problem.js';
import { parseJson } from '../core/tensor/json.js';
import { readNamedFile } from './connect-options.js';
import { createMetadataFrom } from './metadata-create.js';
import { renderMetadata } from './metadata-render.js';
import { checkMetadataFile, readMetadataSource } from './metadata-source.js';
import { parseDescription } from './options.js';
import { createOutput, type Output } from './output.js';
import { renderJson } from './render-json.js';
import { writeFileAtomic } from './write-file.js';

export interface CreateOptions {
  readonly action: 'create';
  readonly from?: string;
  readonly preProcessing?: string;
  readonly postProcessing?: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly modelInput: readonly string[];
  readonly modelOutput: readonly string[];
  readonly custom?: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly quiet?: boolean;
}

export interface ShowOptions {
  readonly action: 'show';
  readonly source: string;
  readonly json?: boolean;
  readonly tokenFile?: string;
  readonly ca?: string;
}

export interface ValidateOptions {
  readonly action: 'validate';
  readonly source: string;
  readonly json?: boolean;
}

export type MetadataCommandOptions = CreateOptions | ShowOptions | ValidateOptions;

const BAD_PACKAGE = 4;

/** `eisen-deploy metadata …`; resolves to the exit code. */
export async function metadataCommand(options: MetadataCommandOptions, output?: Output): Promise<number> {
  const out = output ?? createOutput(options.action === 'create' ? { json: true, quiet: options.quiet } : options);
  if (options.action === 'create') return create(options, out);
  if (options.action === 'show') return show(options, out);
  return validate(options, out);
}

async function create(options: CreateOptions, output: Output): Promise<number> {
  if (options.out === '-') {
    throw new EisenError('USAGE', 'metadata create: --out - is no file.', {
      where: '--out',
      hint: 'Without --out the metadata go to stdout; a file called - is ./-',
    });
  }
  const described = {
    from: options.from,
    preProcessing: options.preProcessing,
    postProcessing: options.postProcessing,
    inputs: options.input.map((text) => parseDescription(text, '--input')),
    outputs: options.output.map((text) => parseDescription(text, '--output')),
    modelInputs: options.modelInput,
    modelOutputs: options.modelOutput,
    ...(options.custom === undefined ? {} : { custom: await readCustom(options.custom) }),
  };
  const metadata = await createMetadataFrom(described, (line) => output.say(`WARNING - ${line}`));
  if (options.out === undefined) {
    output.result(metadata, '');
    return 0;
  }
  await writeFileAtomic(options.out, [Buffer.from(renderJson(metadata))], { force: options.force });
  const count = `${metadata.inputs.length} input(s), ${metadata.outputs.length} output(s)`;
  output.say(`${options.out}: ${count}`);
  return 0;
}

/** A JSON object, or the one in the file behind an `@`. */
async function readCustom(text: string): Promise<Record<string, unknown>> {
  const file = text.startsWith('@') ? text.slice(1) : null;
  const where = file ?? '--custom';
  const json = parseJson(file === null ? text : await readNamedFile(file), where, { duplicateKeys: 'refuse' });
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  throw new EisenError('USAGE', `${where}: expected a JSON object.`, { where });
}

async function show(options: ShowOptions, output: Output): Promise<number> {
  const shown = await readMetadataSource(options.source, options);
  output.result(shown, renderMetadata(shown));
  return 0;
}

async function validate({ source }: ValidateOptions, output: Output): Promise<number> {
  const { problems, warnings } = await checkMetadataFile(source);
  for (const warning of warnings) output.say(`WARNING - ${renderProblem(warning, source)}`);
  const text =
    problems.length === 0 ? `${source}: valid` : problems.map((problem) => renderProblem(problem, source)).join('\n');
  output.result({ source, valid: problems.length === 0, problems, warnings }, text);
  return problems.length === 0 ? 0 : BAD_PACKAGE;
}
