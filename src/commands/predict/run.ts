import { statSync } from 'node:fs';
import path from 'node:path';
import { asWriteError } from '../../core/files/file-error.js';
import { PLAIN_TYPES } from '../../core/metadata/field-types.js';
import { encodeFields } from '../../core/tensor/msgpack.js';
import type { Fields, Geometry } from '../../core/tensor/value.js';
import type { Output } from '../output.js';
import { renderBytes } from '../render-table.js';
import { acceptFor } from './accept.js';
import { fileStem, folderOf } from './file-stem.js';
import { nameInputs, readInputs } from './inputs.js';
import { hintAtOverlay, nameFile } from './name-file.js';
import { checkPredictOptions, DEFAULT_SERVER, type Format, type PredictOptions } from './options.js';
import { readOutputParts } from './output-parts.js';
import { OVERLAY_NAME, type PlannedOutput, planOutputs } from './output-plan.js';
import type { Predictor } from './predictor.js';
import { prepareOutputs } from './prepare-outputs.js';
import { type WrittenOutput, writeOutputs } from './write-outputs.js';

export interface PredictResult {
  readonly model: string;
  readonly outputs: readonly WrittenOutput[];
  /** Outputs of the model with numbers that are NaN or infinite, and how many; not known of a chain alone. */
  readonly nonFinite?: Readonly<Record<string, number>>;
  readonly elapsedMs: number;
}

interface Surroundings {
  readonly output: Output;
  readonly signal?: AbortSignal;
  readonly now: () => number;
}

/** `eisen-deploy predict`: one volume through a server, a local archive or a bare chain. Throws what the error table names. */
export async function predict(options: PredictOptions, { output, signal, now }: Surroundings): Promise<PredictResult> {
  checkPredictOptions(options);
  const began = now();
  try {
    if (options.chain !== undefined) {
      const { runChainAlone } = await import('./chain.js');
      const outputs = await runChainAlone(options.chain, options, { output, signal });
      return { model: options.chain, outputs, elapsedMs: now() - began };
    }
    const predictor = await createPredictor(options, output, signal);
    try {
      const answer = await ask(predictor, options, { output, signal, now });
      return { model: predictor.label, ...answer, elapsedMs: now() - began };
    } finally {
      await predictor.close();
    }
  } finally {
    output.endStages();
  }
}

async function createPredictor(options: PredictOptions, output: Output, signal?: AbortSignal): Promise<Predictor> {
  if (options.model !== undefined) {
    const { createLocalPredictor } = await import('./local.js');
    return createLocalPredictor(options.model, output, options);
  }
  const url = options.url ?? DEFAULT_SERVER;
  output.stage(`asking ${url}`);
  const { createServedPredictor } = await import('./served.js');
  return createServedPredictor(url, options, { output, signal });
}

async function ask(
  predictor: Predictor,
  options: PredictOptions,
  { output, signal }: Surroundings,
): Promise<Pick<PredictResult, 'outputs' | 'nonFinite'>> {
  const metadata = await predictor.metadata(signal);
  const inputs = nameInputs(options.input, metadata.inputs);
  const first = inputs[0]!.value;
  const plan = planOutputs({
    names: metadata.outputs.map(({ name }) => name),
    anyEnding: metadata.outputs.filter(({ type }) => PLAIN_TYPES.includes(type)).map(({ name }) => name),
    texts: options.output,
    format: (options.format as Format | undefined) ?? null,
    besides: { folder: folderOf(first), stem: fileStem(first) },
    isFolder,
  });
  const force = options.force === true;
  const picture = planPicture(options.overlay);
  output.stage(`reading ${inputs.map(({ value }) => path.basename(value)).join(', ')}`);
  const fields = await readInputs(inputs, { signal, warn: (line) => output.warn(line) });
  const paths = [...inputs.map(({ value }) => value), ...(options.model === undefined ? [] : [options.model])];
  await prepareOutputs([...plan, ...picture], { force, inputs: paths });
  if (options.model === undefined) output.stage(`predicting with ${predictor.label}`);
  try {
    const reply = await predictor.predict({ body: encodeFields(fields), accept: acceptFor(plan), signal });
    const parts = await readOutputParts(reply, {
      names: plan.map(({ name }) => name),
      readGeometry: () => readOnlyGeometry(fields),
    });
    output.stage('writing');
    const { drawOverlay } = await import('./overlay-picture.js');
    const drawn = picture.length === 0 ? [] : [await drawOverlay(parts, fields)];
    const written = await writeOutputs([...plan, ...picture], [...parts, ...drawn], { force, inputs: paths, signal });
    return {
      outputs: written.map((file) => (file.name === OVERLAY_NAME ? { ...file, name: 'overlay' } : file)),
      nonFinite: Object.fromEntries(reply.nonFinite),
    };
  } catch (error) {
    throw hintAtOverlay(nameFile(error, inputs), plan);
  }
}

function planPicture(file: string | undefined): PlannedOutput[] {
  return file === undefined ? [] : [{ name: OVERLAY_NAME, file, needsEnding: false, format: 'png' }];
}

/** The files, one a line, for a script; the rest is for people. */
export function renderResult(result: PredictResult, output: Output): void {
  for (const { name, bytes } of result.outputs) output.say(`${name}: ${renderBytes(bytes)}`);
  for (const [name, count] of Object.entries(result.nonFinite ?? {})) {
    output.warn(
      `${name}: ${count} numbers that the model gave are NaN or infinite: the result may be wrong or empty. ` +
        'Is there a NaN in the input?',
    );
  }
  output.say(`${(result.elapsedMs / 1000).toFixed(1)} s with ${result.model}`);
  output.result(result, result.outputs.map(({ file }) => file).join('\n'));
}

function isFolder(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch (error) {
    throw asWriteError(error, `--output ${file}`);
  }
}

/** The geometry of the only volume among the inputs, null when there is none or more than one. */
async function readOnlyGeometry(fields: Fields): Promise<Geometry | null> {
  const files = [...fields.values()].flatMap((value) => (value.kind === 'file' ? [value] : []));
  if (files.length !== 1) return null;
  const { looksLikeNifti, readNifti } = await import('../../core/imaging/nifti/read.js');
  const { bytes, name } = files[0]!;
  const { isGzip } = await import('../../core/imaging/gunzip.js');
  if (!isGzip(bytes) && !looksLikeNifti(bytes)) return null;
  return readNifti({ bytes, ...(name === undefined ? {} : { name }) }).geometry ?? null;
}
