import path from 'node:path';
import { type PackedArchive, packArchive } from '../archive/pack-archive.js';
import type { PackEntry } from '../archive/pack-content.js';
import { EisenError } from '../errors/error.js';
import { createErrorGatherer } from '../errors/gather-errors.js';
import { renderPlace, renderProblem } from '../errors/problem.js';
import type { Metadata } from '../metadata/metadata.js';
import { METADATA_ENTRY, POST_ENTRY, PRE_ENTRY } from '../model/entry-names.js';
import { checkGraph } from '../model/model-files.js';
import { probeModel } from '../model/probe-model.js';
import { type Chain, renderChain } from '../transforms/chain.js';
import { findTarget } from './archive-target.js';
import { checkPackage } from './check-package.js';
import { createdOnFrom } from './created-on.js';
import { readEmbeddedHandler } from './embedded-handler.js';
import { fileEntry } from './extra-files.js';
import { resolveHandler } from './handler-file.js';
import { mergeEntries } from './merge-entries.js';
import { MODEL_ENTRY, readOnnxEntries } from './onnx-entries.js';
import { type CommonPackOptions, commonEntries } from './pack-handler-archive.js';
import { PROVENANCE_ENTRY, type Provenance, renderProvenance } from './provenance.js';
import { warnOfPython } from './python-transforms.js';
import { renderManifest } from './render-manifest.js';
import { type SamplePlan, trySample } from './try-sample.js';

/** A package of an ONNX model with its two chains and its metadata. */
export interface EisenPackOptions extends CommonPackOptions {
  /** Path of an ONNX file, or its bytes. */
  readonly model: string | Uint8Array;
  readonly metadata: Metadata;
  readonly pre: Chain;
  readonly post: Chain;
  /** Python code for TorchServe that replaces the built-in one. */
  readonly handler?: string;
  /** A request that the packaged model must answer before the archive is written, and that travels with it. */
  readonly sample?: SamplePlan;
  readonly provenance?: Provenance;
}

const textEntry = (name: string, text: string): PackEntry => ({ name, content: [Buffer.from(text, 'utf8')] });
const jsonEntry = (name: string, value: unknown): PackEntry => textEntry(name, `${JSON.stringify(value, null, 2)}\n`);

async function pythonEntries(
  options: EisenPackOptions,
): Promise<{ handler?: string; requirements?: string; entries: readonly PackEntry[] }> {
  if (options.handler !== undefined) {
    const { handler, file } = resolveHandler(options.handler, options.runtime);
    return { handler, entries: file === null ? [] : [await fileEntry(path.basename(file), file)] };
  }
  const { handler, requirementsFile, embeddedFiles } = await readEmbeddedHandler();
  if (options.requirementsFile === undefined || requirementsFile === undefined) {
    return { handler, requirements: requirementsFile, entries: embeddedFiles };
  }
  return { handler, entries: embeddedFiles.filter((entry) => entry.name !== requirementsFile) };
}

/** Everything that can be known without the engine: throws one error that names all problems. */
export function refuseUnfitPackage(parts: Parameters<typeof checkPackage>[0], warn: (line: string) => void): void {
  const { problems, warnings } = checkPackage(parts);
  for (const warning of warnings) warn(warning);
  const [first] = problems;
  if (first === undefined) return;
  // A chain that was read from a file goes by the name of the file.
  const names = {
    'metadata.json': 'metadata.json',
    'pre-processing': parts.pre.where,
    'post-processing': parts.post.where,
  };
  const lines = problems.map((problem) => renderProblem(problem, names[problem.document]));
  throw new EisenError('PACKAGE_UNFIT', lines.join('\n'), { where: renderPlace(names[first.document], first.pointer) });
}

/**
 * Checks that model, chains and metadata fit each other and that the engine really loads the model, then writes the
 * archive. Nothing is written when anything is wrong. Throws PACKAGE_UNFIT,
 * MODEL_LOAD_FAILED, MAR_SAMPLE, ONNX_*, FILE_*, USAGE.
 */
export async function packEisenArchive(options: EisenPackOptions): Promise<PackedArchive> {
  const { modelName, version, metadata, pre, post, format, force, runtime, warn, provenance, onProgress, signal } =
    options;
  const target = await findTarget(options);
  const found = createErrorGatherer();
  const read = await found.attempt(async () => {
    const entries = await readOnnxEntries(options.model);
    checkGraph(entries.graph, MODEL_ENTRY);
    refuseUnfitPackage({ graph: entries.graph, metadata, pre, post }, warn);
    return entries;
  });
  const files = await found.attempt(() => pythonEntries(options));
  const others = await found.attempt(() => commonEntries(options));
  found.add(target.obstacle);
  found.refuse();
  const [model, python, common] = [read!, files!, others!];
  if (options.handler === undefined) for (const line of warnOfPython([pre, post])) warn(line);
  const parts = {
    '--model': model.entries,
    'the package': [
      jsonEntry(METADATA_ENTRY, metadata),
      jsonEntry(PRE_ENTRY, renderChain(pre)),
      jsonEntry(POST_ENTRY, renderChain(post)),
      textEntry(
        PROVENANCE_ENTRY,
        renderProvenance({ modelName, modelVersion: version, graph: model.graph, ...provenance }),
      ),
    ],
    'the handler': python.entries,
    ...common,
  };
  const untested = mergeEntries(parts);
  await probeModel(options.model, signal);
  const nameOf = (file: string | undefined): string | undefined =>
    file === undefined ? undefined : path.basename(file);
  const manifest = renderManifest({
    createdOn: createdOnFrom(options.env),
    runtime,
    modelName,
    modelVersion: version,
    serializedFile: MODEL_ENTRY,
    handler: python.handler,
    requirementsFile: nameOf(options.requirementsFile) ?? python.requirements,
    configFile: nameOf(options.configFile),
  });
  const sample =
    options.sample === undefined ? [] : await trySample(options.sample, untested, { manifest, modelName, signal });
  const entries = mergeEntries({ ...parts, '--sample': sample });
  await target.prepare();
  return packArchive({ entries, manifest, format, modelName, target: target.path, force, onProgress, signal });
}
