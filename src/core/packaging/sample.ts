import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { EisenError } from '../errors/error.js';
import { LIMITS } from '../limits.js';
import { SAMPLE_FOLDER, type SampleFile, type SampleReply, type SampleRequest } from '../model/sample.js';

/** A request, and the reply expected for it; null when it is to be recorded. */
export interface CollectedSample {
  readonly input: SampleFile;
  readonly expected: SampleFile | null;
}

/** Answers one request with the worker that a server would use. */
export type RunSample = (archivePath: string, request: SampleRequest, signal?: AbortSignal) => Promise<SampleReply>;

const refuse = (where: string, message: string): EisenError =>
  new EisenError('USAGE', `${where}: ${message}`, { where: '--sample' });

/**
 * The sample in a folder: exactly one file called `input.*` (a request body in any accepted form) and at most one called
 * `expected.*` (the reply body); both keep their endings, which name their forms.
 */
export async function collectSample(folder: string): Promise<CollectedSample> {
  const stats = await stat(folder).catch(() => null);
  if (stats?.isDirectory() !== true) throw refuse(folder, 'it is no folder with input.* and expected.*.');
  const names = (await readdir(folder)).sort();
  const find = async (stem: string, least: number): Promise<SampleFile | null> => {
    const found = names.filter((name) => name.split('.')[0] === stem);
    if (found.length < least || found.length > 1) {
      throw refuse(folder, `it holds ${found.length} files called ${stem}.*; expected one.`);
    }
    const [name] = found;
    if (name === undefined) return null;
    const { size } = await stat(path.join(folder, name));
    if (size > LIMITS.sampleBytes) throw refuse(folder, `${name} has ${size} bytes; at most ${LIMITS.sampleBytes}.`);
    return { name: `${SAMPLE_FOLDER}/${name}`, bytes: await readFile(path.join(folder, name)) };
  };
  return { input: (await find('input', 1))!, expected: await find('expected', 0) };
}
