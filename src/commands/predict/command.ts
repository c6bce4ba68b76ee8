import { EisenError } from '../../core/errors/error.js';
import { parseCount, parseSeconds } from '../options.js';
import { createOutput, type Output } from '../output.js';
import type { PredictOptions } from './options.js';
import { predict, renderResult } from './run.js';

/** Numbers as the command line gives them. */
export interface PredictFlags {
  readonly timeout?: string;
  readonly retry?: string;
}

const DEFAULT_RETRIES = '3';

/** `eisen-deploy predict …`; resolves to the exit code. */
export async function predictCommand(
  options: PredictOptions & PredictFlags,
  signal?: AbortSignal,
  output: Output = createOutput(options),
): Promise<number> {
  const { timeout, retry, ...rest } = options;
  const retries = parseCount(retry ?? DEFAULT_RETRIES, '--retry');
  const timeoutMs = timeout === undefined ? {} : { timeoutMs: parseSeconds(timeout, '--timeout') };
  try {
    const result = await predict({ ...rest, ...timeoutMs, retries }, { output, signal, now: () => performance.now() });
    renderResult(result, output);
    return 0;
  } catch (error) {
    // Whatever an abort broke on its way, the reason that counts is the abort.
    if (signal?.aborted === true) throw new EisenError('CANCELLED', 'predict: cancelled.', { cause: error });
    throw error;
  }
}
