import path from 'node:path';
import { EisenError } from '../../core/errors/error.js';
import { encodeNifti } from '../../core/imaging/nifti/write.js';
import { readScaledValues } from '../../core/imaging/scaled.js';
import type { TensorDescription } from '../../core/metadata/metadata.js';
import { decodesFile } from '../../core/packaging/check-input-types.js';
import { toContiguous } from '../../core/tensor/contiguous.js';
import { parseJson } from '../../core/tensor/json.js';
import { encodeNpy } from '../../core/tensor/npy.js';
import type { Fields, Value } from '../../core/tensor/value.js';
import { type Chain, parseChain } from '../../core/transforms/chain.js';
import { runChain } from '../../core/transforms/run-chain.js';
import { takeField } from '../../core/transforms/values.js';
import { readNamedFile } from '../connect-options.js';
import { parseNamed } from '../options.js';
import type { Output } from '../output.js';
import { renderJson } from '../render-json.js';
import { fileStem, folderOf } from './file-stem.js';
import { type NamedInput, readInputs } from './inputs.js';
import { FORMATS, type Format, type PredictOptions } from './options.js';
import type { OutputPart } from './output-parts.js';
import { type PlannedOutput, planOutputs } from './output-plan.js';
import { prepareOutputs } from './prepare-outputs.js';
import { type WrittenOutput, writeOutputs } from './write-outputs.js';

/**
 * Runs a chain without a model, in this process, and writes the fields asked for: .npy (C order, exact dtype) or NIfTI. So one
 * sees what a model would see. File names inside of the chain are relative to `dataDir` (default: here).
 */
export async function runChainAlone(
  file: string,
  options: PredictOptions,
  { output, signal }: { readonly output: Output; readonly signal?: AbortSignal },
): Promise<WrittenOutput[]> {
  const chain = parseChain(parseJson(await readNamedFile(file), file, { duplicateKeys: 'refuse' }), file);
  const inputs = options.input.map((text) => nameInput(text, chain));
  const first = inputs[0]!;
  const names = options.output.map((text) => parseNamed(text).name || first.name);
  const plan = planOutputs({
    ...{ names, anyEnding: names },
    texts: options.output,
    format: (options.format as Format | undefined) ?? null,
    besides: { folder: folderOf(first.value), stem: fileStem(first.value) },
    isFolder: () => false,
  });
  const writing = { force: options.force === true, inputs: [file, ...inputs.map(({ value }) => value)] };
  await prepareOutputs(plan, writing);
  output.stage(`reading ${inputs.map(({ value }) => path.basename(value)).join(', ')}`);
  const fields = await readInputs(inputs, { signal, warn: (line) => output.warn(line) });
  output.stage(`running ${file}`);
  const dataDir = path.resolve(options.dataDir ?? '.');
  const after = await runChain(chain, fields, { dataDir, outputDir: dataDir, signal, say: (line) => output.say(line) });
  output.stage('writing');
  return writeOutputs(
    plan,
    plan.map((planned) => encodeField(after, planned)),
    { ...writing, signal },
  );
}

function nameInput(text: string, chain: Chain): NamedInput {
  const { name, value } = parseNamed(text);
  if (name !== '') return { name, value, type: decodesFile(chain, name) ? FILE_TYPE : ANY_TYPE };
  throw new EisenError('USAGE', `--input ${text}: a chain alone does not tell which field the file is for.`, {
    hint: `Name it: --input image=${text}`,
  });
}

/** No metadata stands beside a bare chain: what no LoadImage opens is read by what its bytes are. */
const ANY_TYPE: TensorDescription['type'] = 'ndarray';
const FILE_TYPE: TensorDescription['type'] = 'nifti';

function encodeField(fields: Fields, { name, file, format }: PlannedOutput): OutputPart {
  const value = takeField(fields, name);
  if (value.kind === 'file') return { name, contentType: value.contentType ?? '', pieces: [value.bytes] };
  if (value.kind === 'plain') {
    return { name, contentType: FORMATS.json, pieces: [Buffer.from(renderJson(value.value))] };
  }
  if (format === 'npy') return { name, contentType: FORMATS.npy, pieces: encodeNpy(bareArray(value)) };
  if (format === 'nifti') {
    const compress = /\.gz$/i.test(file);
    const labels = value.kind === 'image' && value.extra?.['labels'] === true;
    return { name, contentType: FORMATS.nifti, pieces: encodeNifti({ ...value, compress, labels }) };
  }
  throw new EisenError('USAGE', `--output ${name}=${file}: cannot tell the form; expected .npy, .nii or .nii.gz.`, {
    where: file,
  });
}

/** The values in C order; an image as nibabel's scaled ones. */
function bareArray(value: Extract<Value, { kind: 'array' | 'image' }>) {
  return toContiguous(value.kind === 'image' ? readScaledValues(value) : value.array, 'C');
}
