import path from 'node:path';
import { packArchive } from '../archive/pack-archive.js';
import type { PackEntry } from '../archive/pack-content.js';
import { checkSampleReply, demandReply, SAMPLE_FOLDER, type SampleFile, sampleRequest } from '../model/sample.js';
import { collectSample, type RunSample } from './sample.js';

/** A sample to carry along, and what it is tried with before anything is written where it was asked for. */
export interface SamplePlan {
  /** Holds input.* and, unless the reply is to be recorded, expected.*. */
  readonly folder: string;
  /** A private, empty folder of the caller, who removes it. */
  readonly scratchFolder: string;
  readonly run: RunSample;
}

const RECORDED = `${SAMPLE_FOLDER}/expected.msgpack`;

/**
 * Answers the sample with a trial archive of these entries; gives the entries of the sample, with the recorded reply when
 * none was expected. Throws USAGE for a folder that is no sample, MAR_SAMPLE when the reply is another.
 */
export async function trySample(
  plan: SamplePlan,
  entries: readonly PackEntry[],
  trial: { readonly manifest: string; readonly modelName: string; readonly signal?: AbortSignal },
): Promise<PackEntry[]> {
  const { input, expected } = await collectSample(plan.folder);
  const target = path.join(plan.scratchFolder, 'trial.mar');
  const packed = await packArchive({ entries, ...trial, format: 'default', target, force: true });
  const reply = await plan.run(packed.path, sampleRequest(input, expected?.name ?? RECORDED), trial.signal);
  const asEntry = ({ name, bytes }: SampleFile): PackEntry => ({ name, content: [bytes] });
  if (expected === null) {
    return [asEntry(input), asEntry({ name: RECORDED, bytes: demandReply(reply, plan.folder) })];
  }
  checkSampleReply(expected, reply, plan.folder);
  return [asEntry(input), asEntry(expected)];
}
