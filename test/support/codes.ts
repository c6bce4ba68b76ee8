import { isEisenError } from '../../src/core/errors/error.js';

/** The code of the error that `work` throws; fails the test when it returns or throws anything else. */
export function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (isEisenError(error)) return error.code;
    throw error;
  }
  throw new Error('expected an error; the call returned');
}

/** The code of the error that a promise rejects with. */
export async function codeOfAsync(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (isEisenError(error)) return error.code;
    throw error;
  }
  throw new Error('expected an error; the promise resolved');
}
