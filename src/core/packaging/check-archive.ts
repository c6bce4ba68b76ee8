import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Archive } from '../archive/archive.js';
import { checkIntegrity, INTEGRITY_NAME, parseIntegrity } from '../archive/integrity.js';
import type { Manifest } from '../archive/manifest.js';
import { openArchive } from '../archive/open-archive.js';
import { refuse } from '../archive/refuse.js';
import { LIMITS } from '../limits.js';
import { METADATA_ENTRY } from '../model/entry-names.js';
import { readModelFiles } from '../model/model-files.js';
import { checkSampleReply, readSample, sampleRequest } from '../model/sample.js';
import { describeEntry } from './entry-kind.js';
import { isBuiltInHandler } from './handler-file.js';
import { refuseUnfitPackage } from './pack-eisen-archive.js';
import type { RunSample } from './sample.js';

export interface CheckedEntry {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  /** What it is, in words. */
  readonly kind: string;
}

/** An archive that is whole and agrees with itself. */
export interface ArchiveReport {
  readonly path: string;
  readonly format: Archive['format'];
  readonly manifest: Manifest | null;
  readonly entries: readonly CheckedEntry[];
  /** True when the archive carries a list of SHA-256 and every entry agrees with it. */
  readonly isSealed: boolean;
  /** True when our own server can run it: an ONNX model with JSON chains. */
  readonly isOnnx: boolean;
  /** What became of the sample: 'none' is carried, or nobody was there to run it. */
  readonly sample: 'passed' | 'none' | 'not run';
  readonly warnings: readonly string[];
}

async function hashEntries(archive: Archive): Promise<CheckedEntry[]> {
  const checked: CheckedEntry[] = [];
  for (const { name, bytes } of archive.entries) {
    const hash = createHash('sha256');
    for await (const piece of archive.streamEntry(name)) hash.update(piece);
    checked.push({ name, bytes, sha256: hash.digest('hex'), kind: describeEntry(name, archive.manifest) });
  }
  return checked;
}

/** Every file that the manifest names must be in the archive. A handler may also be one that comes with the server. */
function checkManifestFiles(archive: Archive, where: string): void {
  const model = archive.manifest?.model ?? {};
  const names = new Set(archive.entries.map((entry) => entry.name));
  for (const key of ['serializedFile', 'modelFile', 'requirementsFile', 'configFile'] as const) {
    const name = model[key];
    if (name !== undefined && !names.has(name)) {
      throw refuse('MAR_MANIFEST_PATH', where, `the manifest names ${key} '${name}', which is not in the archive.`);
    }
  }
  const handler = model.handler?.split(':')[0];
  if (handler === undefined || isBuiltInHandler(handler)) return;
  if (![handler, `${handler}.py`, `${handler}.so`, `${handler}.dylib`].some((name) => names.has(name))) {
    throw refuse(
      'MAR_MANIFEST_PATH',
      where,
      `the manifest names the handler '${model.handler}', which is not in the archive.`,
    );
  }
}

async function checkOnnxPackage(archive: Archive, warnings: string[]): Promise<void> {
  const { plan, metadata, pre, post } = await readModelFiles(archive);
  if (!archive.entries.some((entry) => entry.name === METADATA_ENTRY)) {
    warnings.push('there is no metadata.json; inputs and outputs are taken from the graph');
  }
  refuseUnfitPackage({ graph: plan.graph, metadata, pre, post }, (line) => warnings.push(line));
}

async function checkSample(archive: Archive, where: string, run?: RunSample): Promise<ArchiveReport['sample']> {
  const sample = await readSample(archive, where);
  if (sample === null) return 'none';
  if (run === undefined) return 'not run';
  const reply = await run(archive.path, sampleRequest(sample.input, sample.expected.name));
  checkSampleReply(sample.expected, reply, where);
  return 'passed';
}

/**
 * Reads a whole archive and checks it against itself: structure, CRC-32 and SHA-256 of every entry, the files that the
 * manifest names, the graph, the metadata and the chains. Executes, unpickles and writes nothing; only when
 * all of that is right and the archive carries a sample, `runSample` answers it with the model. Throws the code of the
 * first thing that is wrong.
 */
export async function checkArchive(archivePath: string, runSample?: RunSample): Promise<ArchiveReport> {
  const where = path.basename(archivePath);
  const archive = await openArchive(archivePath);
  try {
    const warnings: string[] = [];
    const isSealed = archive.entries.some((entry) => entry.name === INTEGRITY_NAME);
    if (isSealed) {
      const list = await archive.readEntry(INTEGRITY_NAME, { limitBytes: LIMITS.jsonEntryBytes });
      await checkIntegrity(archive, parseIntegrity(list, `${where}: ${INTEGRITY_NAME}`), where);
    } else warnings.push('there is no integrity list; only CRC-32 guards the entries');
    const entries = await hashEntries(archive);
    if (archive.manifest === null) warnings.push('there is no manifest; the name of the model comes from the file');
    checkManifestFiles(archive, where);
    const isOnnx = archive.entries.some((entry) => entry.name.endsWith('.onnx'));
    if (isOnnx) await checkOnnxPackage(archive, warnings);
    else warnings.push('there is no ONNX model; only its own Python code could run it');
    const sample = isOnnx ? await checkSample(archive, `${where}: sample`, runSample) : 'not run';
    return {
      sample,
      path: archivePath,
      format: archive.format,
      manifest: archive.manifest,
      entries,
      isSealed,
      isOnnx,
      warnings,
    };
  } finally {
    await archive.close();
  }
}
