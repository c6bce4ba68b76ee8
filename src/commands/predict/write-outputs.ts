import path from 'node:path';
import { EisenError } from '../../core/errors/error.js';
import { sweepLeftovers } from '../../core/files/atomic-output.js';
import { refuseExisting, writeFilesAtomic } from '../write-file.js';
import { fitEnding, type OutputPart, toFormat } from './output-parts.js';
import { finalFile, type PlannedOutput } from './output-plan.js';
import { refuseInput } from './prepare-outputs.js';

/** A file that was written. */
export interface WrittenOutput {
  readonly name: string;
  /** As the command line names it, or its input: relative stays relative. */
  readonly file: string;
  readonly contentType: string;
  readonly bytes: number;
}

/**
 * Writes what was planned; all of it or nothing, and no file is there already unless `force`.
 *
 * @throws OUTPUT_MISSING, NOT_ACCEPTABLE, FILE_EXISTS, NOT_WRITABLE, DISK_FULL, CANCELLED.
 */
export async function writeOutputs(
  plan: readonly PlannedOutput[],
  parts: readonly OutputPart[],
  options: { readonly force: boolean; readonly inputs: readonly string[]; readonly signal?: AbortSignal },
): Promise<WrittenOutput[]> {
  const { force, inputs, signal } = options;
  const jobs = plan.map((planned) => {
    const part = parts.find(({ name }) => name === planned.name || name === headerName(planned.name));
    if (part === undefined) {
      const there = parts.map(({ name }) => name).join(', ') || 'nothing';
      throw new EisenError('OUTPUT_MISSING', `${planned.name}: not in the reply, which holds ${there}.`, {
        where: planned.name,
      });
    }
    const fitting = planned.format === null ? part : toFormat(part, planned.format);
    const file = finalFile(planned, fitting.contentType);
    return { part: { ...fitting, name: planned.name }, file, pieces: fitEnding(file, fitting.pieces) };
  });
  for (const { file } of jobs) {
    await refuseInput(file, inputs);
    if (!force) await refuseExisting(file);
  }
  for (const folder of new Set(jobs.map(({ file }) => path.dirname(file)))) await sweepLeftovers(folder);
  await writeFilesAtomic(jobs, { force, signal });
  return jobs.map(({ part, file, pieces }) => {
    const bytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
    return { name: part.name, file, contentType: part.contentType, bytes };
  });
}

/** A name as it stands in the header of a part: what is unsafe there is an underscore. */
function headerName(name: string): string {
  return name.replace(/[^\w.-]/g, '_');
}
