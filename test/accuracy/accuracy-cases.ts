import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readNifti } from '../../src/core/imaging/nifti/read.js';
import { inferMetadata } from '../../src/core/metadata/infer-metadata.js';
import { readOnnxGraph } from '../../src/core/onnx/read-graph.js';
import { EisenServingMAR } from '../../src/core/packaging/eisen-serving-mar.js';
import { runLocally } from '../../src/core/serving/pool/run-locally.js';
import { toContiguous } from '../../src/core/tensor/contiguous.js';
import type { Affine } from '../../src/core/tensor/value.js';
import { clusterIntensities, measureDice } from './agreement.js';
import { obliqueLasGrid, otherScanner, sampleOnto, type TestVolume, thickSlices } from './derived-volumes.js';
import { renderInt16Nifti } from './nifti-bytes.js';

const FIXTURES = path.resolve(import.meta.dirname, '..', '..', '..', 'fixtures');
export const TISSUES = ['CSF or rest', 'grey matter', 'white matter'] as const;

/** One scan to predict and what its labels are compared with. */
export interface AccuracyCase {
  readonly name: string;
  readonly against: 'the labels it was made of' | 'an intensity clustering';
  readonly file: Uint8Array;
  readonly affine: Affine;
  readonly reference: Float32Array;
}

export interface AccuracyResult {
  readonly name: string;
  readonly against: string;
  /** Dice per tissue, in the order of TISSUES. */
  readonly dice: readonly number[];
  readonly labels: ArrayLike<number>;
  readonly affine: Affine;
}

function readVolume(name: string): { bytes: Buffer; volume: TestVolume } {
  const bytes = readFileSync(path.join(FIXTURES, 'volumes', name));
  const { array, geometry } = readNifti({ bytes, name });
  const values = Float32Array.from(toContiguous(array, 'F').data as Uint8Array);
  return { bytes, volume: { shape: array.shape as TestVolume['shape'], affine: geometry!.affine, values } };
}

/** Colin 27 as published and in three other forms; the template and three other forms. */
export function* makeAccuracyCases(): Generator<AccuracyCase> {
  const { bytes, volume: colin } = readVolume('ch2bet.nii.gz');
  const clusters: TestVolume = { ...colin, values: clusterIntensities(colin.values) };
  yield* makeForms('Colin 27', 'an intensity clustering', colin, clusters, [
    { name: 'as published', file: bytes, affine: colin.affine, reference: clusters.values },
  ]);
  const { bytes: t1, volume: template } = readVolume('mni152_t1.nii.gz');
  const { volume: tissue } = readVolume('mni152_tissue.nii.gz');
  const scanner = otherScanner(template, 7);
  yield* makeForms('MNI152', 'the labels it was made of', template, tissue, [
    { name: 'as published', file: t1, affine: template.affine, reference: tissue.values },
    {
      name: 'another scanner (contrast, bias field, noise)',
      file: renderInt16Nifti(scanner),
      affine: scanner.affine,
      reference: tissue.values,
    },
  ]);
}

function* makeForms(
  who: string,
  against: AccuracyCase['against'],
  image: TestVolume,
  labels: TestVolume,
  given: readonly Omit<AccuracyCase, 'against'>[],
): Generator<AccuracyCase> {
  for (const one of given) yield { ...one, name: `${who}, ${one.name}`, against };
  if (who === 'Colin 27') {
    const swapped = renderInt16Nifti(image, { bigEndian: true });
    yield { name: `${who}, big-endian int16`, against, file: swapped, affine: image.affine, reference: labels.values };
  }
  const grid = obliqueLasGrid(image);
  yield {
    name: `${who}, oblique LAS 1×1×1.2 mm, int16 with scl_slope`,
    against,
    file: renderInt16Nifti(sampleOnto(image, grid, 'linear'), { slope: 0.0625, intercept: -20 }),
    affine: grid.affine,
    reference: sampleOnto(labels, grid, 'nearest').values,
  };
  const [thick, thickLabels] = [thickSlices(image, 'linear'), thickSlices(labels, 'nearest')];
  yield {
    name: `${who}, 1×1×3 mm`,
    against,
    file: renderInt16Nifti(thick, { slope: 0.0625 }),
    affine: thick.affine,
    reference: thickLabels.values,
  };
}

/** Packages the demo model with its chains into `folder`; the path of the archive. */
export async function packDemoModel(folder: string): Promise<string> {
  const model = path.join(FIXTURES, 'models', 'brain-tissue.onnx');
  const chain = (name: string): unknown => JSON.parse(readFileSync(path.join(FIXTURES, 'chains', name), 'utf8'));
  const metadata = inferMetadata(readOnnxGraph(readFileSync(model)));
  const mar = new EisenServingMAR(chain('brain-pre.json'), chain('brain-post.json'), metadata);
  await mar.pack(model, folder, 'brain', '1.0');
  return path.join(folder, 'brain.mar');
}

/** Predicts one case with the packaged model, as `predict --model` does. */
export async function runAccuracyCase(archivePath: string, one: AccuracyCase): Promise<AccuracyResult> {
  const reply = await runLocally({
    archivePath,
    headers: [['accept', 'application/x-nifti']],
    parameters: [{ name: 'body', contentType: 'application/x-nifti', value: [one.file] }],
  });
  const bytes = Buffer.concat(reply.body);
  if (reply.status !== 200) throw new Error(`${one.name}: status ${reply.status}: ${bytes.toString('utf8')}`);
  const { array, geometry } = readNifti({ bytes, name: one.name });
  const labels = toContiguous(array, 'F').data as Uint8Array;
  return {
    name: one.name,
    against: one.against,
    dice: measureDice(labels, one.reference, [1, 2, 3]),
    labels,
    affine: geometry!.affine,
  };
}
