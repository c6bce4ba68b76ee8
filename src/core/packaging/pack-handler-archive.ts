import path from 'node:path';
import { type ArchiveFormat, type PackedArchive, type PackOptions, packArchive } from '../archive/pack-archive.js';
import { createErrorGatherer } from '../errors/gather-errors.js';
import { findTarget } from './archive-target.js';
import { createdOnFrom } from './created-on.js';
import { collectExtraFiles, fileEntry, type Warn } from './extra-files.js';
import { resolveHandler } from './handler-file.js';
import { mergeEntries } from './merge-entries.js';
import { type Runtime, renderManifest } from './render-manifest.js';

/** What both kinds of packages take; names are torch-model-archiver's. */
export interface CommonPackOptions {
  readonly modelName: string;
  readonly version: string;
  readonly exportPath: string;
  readonly createExportPath?: boolean;
  readonly format: ArchiveFormat;
  readonly force: boolean;
  readonly runtime: Runtime;
  readonly extraFiles?: string;
  readonly requirementsFile?: string;
  readonly configFile?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly warn: Warn;
  readonly onProgress?: PackOptions['onProgress'];
  readonly signal?: AbortSignal;
}

/** A package that is run by its own Python code. */
export interface HandlerPackOptions extends CommonPackOptions {
  readonly handler: string;
  readonly serializedFile?: string;
  readonly modelFile?: string;
}

async function optionalFile(file: string | undefined): Promise<Awaited<ReturnType<typeof fileEntry>>[]> {
  return file === undefined ? [] : [await fileEntry(path.basename(file), file)];
}

/** The entries that requirements, configuration and extra files make, by flag. */
export async function commonEntries(
  options: CommonPackOptions,
): Promise<Record<string, Awaited<ReturnType<typeof optionalFile>>>> {
  return {
    '--requirements-file': await optionalFile(options.requirementsFile),
    '--config-file': await optionalFile(options.configFile),
    '--extra-files': options.extraFiles === undefined ? [] : await collectExtraFiles(options.extraFiles, options.warn),
  };
}

const nameOf = (file: string | undefined): string | undefined => (file === undefined ? undefined : path.basename(file));

/** Makes the archive that torch-model-archiver would make of the same command line, and MAR-INF/INTEGRITY.json. */
export async function packHandlerArchive(options: HandlerPackOptions): Promise<PackedArchive> {
  const { modelName, version, format, force, runtime } = options;
  const target = await findTarget(options);
  const handler = resolveHandler(options.handler, runtime);
  const found = createErrorGatherer();
  const files = {
    '--serialized-file': (await found.attempt(() => optionalFile(options.serializedFile))) ?? [],
    '--model-file': (await found.attempt(() => optionalFile(options.modelFile))) ?? [],
    '--handler': (await found.attempt(() => optionalFile(handler.file ?? undefined))) ?? [],
    ...(await found.attempt(() => commonEntries(options))),
  };
  found.add(target.obstacle);
  found.refuse();
  const entries = mergeEntries(files);
  const manifest = renderManifest({
    createdOn: createdOnFrom(options.env),
    runtime,
    modelName,
    modelVersion: version,
    serializedFile: nameOf(options.serializedFile),
    handler: handler.handler,
    modelFile: nameOf(options.modelFile),
    requirementsFile: nameOf(options.requirementsFile),
    configFile: nameOf(options.configFile),
  });
  const { onProgress, signal } = options;
  await target.prepare();
  return packArchive({ entries, manifest, format, modelName, target: target.path, force, onProgress, signal });
}
