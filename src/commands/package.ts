import { ARCHIVE_FORMATS, type ArchiveFormat, type PackedArchive } from '../core/archive/pack-archive.js';
import { EisenError, isEisenError } from '../core/errors/error.js';
import { createErrorGatherer } from '../core/errors/gather-errors.js';
import { findTarget } from '../core/packaging/archive-target.js';
import { type CommonPackOptions, packHandlerArchive } from '../core/packaging/pack-handler-archive.js';
import { RUNTIMES, type Runtime } from '../core/packaging/render-manifest.js';
import { createOutput, type Output, type Writable } from './output.js';
import { createProgress } from './package-progress.js';
import { runSample, withScratchFolder } from './package-sample.js';
import { renderBytes, renderTable } from './render-table.js';

export interface PackageCommandOptions {
  readonly check?: string;
  readonly model?: string;
  readonly fromLegacy?: string;
  readonly metadata?: string;
  readonly preProcessing?: string;
  readonly postProcessing?: string;
  readonly sample?: string;
  readonly license?: string;
  readonly author?: string;
  readonly modelDescription?: string;
  readonly source?: string;
  readonly trainingData?: string;
  readonly modelName?: string;
  readonly version?: string;
  readonly serializedFile?: string;
  readonly modelFile?: string;
  readonly handler?: string;
  readonly extraFiles?: string;
  readonly runtime: string;
  readonly exportPath?: string;
  readonly archiveFormat: string;
  readonly force?: boolean;
  readonly requirementsFile?: string;
  readonly configFile?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What the command takes from the process around it. */
export interface PackageSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stderr: Writable;
  readonly output?: Output;
  readonly signal?: AbortSignal;
}

const BAD_PACKAGE = 4;
/** In the place of chains that could not be read, while the rest is looked at. */
const NO_CHAINS = { pre: { where: '', steps: [] }, post: { where: '', steps: [] } };

function choose<T extends string>(flag: string, value: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  const list = choices.map((choice) => `'${choice}'`).join(', ');
  throw new EisenError('USAGE', `argument ${flag}: invalid choice: '${value}' (choose from ${list})`, { where: flag });
}

function demand(options: PackageCommandOptions): { modelName: string; version: string } {
  const { modelName, version, handler, model } = options;
  const missing = [
    modelName === undefined ? '--model-name' : '',
    handler === undefined && model === undefined ? '--handler (or --model)' : '',
    version === undefined ? '-v/--version' : '',
  ].filter((flag) => flag !== '');
  if (modelName === undefined || version === undefined || missing.length > 0) {
    throw new EisenError('USAGE', `the following arguments are required: ${missing.join(', ')}`, { where: 'package' });
  }
  if (version.trim() === '') {
    throw new EisenError('USAGE', 'argument -v/--version: found nothing; expected a version, as 1.0.', {
      where: '--version',
    });
  }
  return { modelName, version };
}

function refuseMixture(options: PackageCommandOptions): void {
  const { model, serializedFile, modelFile } = options;
  const ours = [
    'fromLegacy',
    'metadata',
    'preProcessing',
    'postProcessing',
    'sample',
    'license',
    'author',
    'modelDescription',
    'source',
    'trainingData',
  ] as const;
  const first = ours.find((key) => options[key] !== undefined);
  if (model === undefined && first !== undefined) {
    const flag = `--${first.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new EisenError('USAGE', `${flag} goes with --model, which names an ONNX file.`, { where: flag });
  }
  if (model !== undefined && (serializedFile !== undefined || modelFile !== undefined)) {
    throw new EisenError('USAGE', '--model replaces --serialized-file and --model-file; give one kind only.', {
      where: '--model',
    });
  }
}

/** Name and version of the old archive, where none are given. */
async function nameFromLegacy(options: PackageCommandOptions): Promise<PackageCommandOptions> {
  if (options.fromLegacy === undefined) return options;
  const { readLegacyArchive } = await import('../core/packaging/legacy-archive.js');
  const old = await readLegacyArchive(options.fromLegacy, { pre: false, post: false });
  return {
    ...options,
    modelName: options.modelName ?? old.modelName ?? undefined,
    version: options.version ?? old.modelVersion ?? undefined,
  };
}

async function pack(options: PackageCommandOptions, common: CommonPackOptions): Promise<PackedArchive> {
  const { model, handler, serializedFile, modelFile, sample, license, author, source, trainingData } = options;
  if (model === undefined) return packHandlerArchive({ ...common, handler: handler!, serializedFile, modelFile });
  // With them come all transforms, which an archive of other people's code does not need.
  const { packEisenArchive } = await import('../core/packaging/pack-eisen-archive.js');
  const { readChains, readMetadata } = await import('./package-inputs.js');
  const found = createErrorGatherer();
  const chains = await found.attempt(() => readChains(options));
  const own = options.metadata === undefined ? chains?.metadata : null;
  const { pre, post } = chains ?? NO_CHAINS;
  const metadata = await found.attempt(() => own ?? readMetadata(options.metadata, { model, pre, post }, common.warn));
  if (chains === undefined || metadata === undefined) {
    const target = await found.attempt(() => findTarget(common));
    found.add(target?.obstacle ?? null);
    found.refuse();
  }
  const parts = {
    ...{ ...common, model, handler, pre, post, metadata: metadata! },
    provenance: { license, author, description: options.modelDescription, source, trainingData },
  };
  if (sample === undefined) return packEisenArchive(parts);
  return withScratchFolder((scratchFolder) =>
    packEisenArchive({ ...parts, sample: { folder: sample, scratchFolder, run: runSample } }),
  );
}

async function check(archive: string, output: Output, { stderr, signal }: PackageSurroundings): Promise<number> {
  const { checkArchive } = await import('../core/packaging/check-archive.js');
  try {
    const report = await checkArchive(archive, (file, request) => runSample(file, request, signal));
    const rows = report.entries.map(({ name, bytes, sha256, kind }) => [
      name,
      String(bytes),
      sha256.slice(0, 16),
      kind,
    ]);
    for (const warning of report.warnings) output.say(`${archive}: ${warning}`);
    const seal = report.isSealed ? 'every entry agrees with its SHA-256' : 'every entry agrees with its CRC-32';
    const tested = report.sample === 'passed' ? '; the model gives the reply of its sample' : '';
    output.result(
      report,
      `${renderTable(['entry', 'bytes', 'sha256', 'what it is'], rows)}\n${archive}: whole; ${seal}${tested}.`,
    );
    return 0;
  } catch (error) {
    if (!isEisenError(error) || error.code === 'FILE_NOT_FOUND' || error.code === 'CANCELLED') throw error;
    output.result({ path: archive, code: error.code, message: error.message }, '');
    stderr.write(`eisen-deploy: ${error.message} [${error.code}]\n`);
    return BAD_PACKAGE;
  }
}

/** `eisen-deploy package …`; resolves to the exit code. */
export async function packageCommand(options: PackageCommandOptions, around: PackageSurroundings): Promise<number> {
  try {
    return await checkOrPack(options, around);
  } catch (error) {
    // Whatever an abort broke on its way, the probe of the model among it, the reason that counts is the abort.
    if (around.signal?.aborted !== true || (isEisenError(error) && error.code === 'CANCELLED')) throw error;
    throw new EisenError('CANCELLED', 'package: cancelled; nothing was written.', { cause: error });
  }
}

async function checkOrPack(options: PackageCommandOptions, around: PackageSurroundings): Promise<number> {
  const output = around.output ?? createOutput(options);
  if (options.check !== undefined) return check(options.check, output, around);
  const named = await nameFromLegacy(options);
  const { modelName, version } = demand(named);
  refuseMixture(options);
  const progress = createProgress(modelName, around.stderr);
  const { exportPath, extraFiles, requirementsFile, configFile } = options;
  const common: CommonPackOptions = {
    modelName,
    version,
    exportPath: exportPath ?? '.',
    createExportPath: true,
    format: choose<ArchiveFormat>('--archive-format', options.archiveFormat, ARCHIVE_FORMATS),
    runtime: choose<Runtime>('--runtime', options.runtime, RUNTIMES),
    force: options.force === true,
    extraFiles,
    requirementsFile,
    configFile,
    env: around.env,
    warn: (line) => output.say(`WARNING - ${line}`),
    onProgress: options.quiet === true ? undefined : progress.update,
    signal: around.signal,
  };
  try {
    const packed = await pack(options, common);
    const bytes = packed.entries.reduce((sum, entry) => sum + entry.storedBytes, 0);
    output.result(packed, `${packed.path}: ${packed.entries.length} entries, ${renderBytes(bytes)}`);
    return 0;
  } finally {
    progress.end();
  }
}
