import { EisenError } from '../../core/errors/error.js';
import type { Predictor } from './predictor.js';

/** A worker of our own for this archive. The worker program is not part of this build yet, and this says so. */
export async function createLocalPredictor(archive: string, _signal?: AbortSignal): Promise<Predictor> {
  throw new EisenError('USAGE', `predict --model ${archive}: this build cannot run archives by itself yet.`, {
    hint: 'Start a server for it and predict with --url.',
  });
}
