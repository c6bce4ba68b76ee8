import { EisenError, isEisenError } from './error.js';

/** Collects what is wrong in several places, so that a person hears all of it at once. */
export interface ErrorGatherer {
  /** What `work` gives; undefined when it threw one of our errors, which is kept. Other errors pass. */
  attempt<T>(work: () => T | Promise<T>): Promise<T | undefined>;
  add(error: EisenError | null): void;
  /** Throws what was collected as one error: code and place of the first, a line or more for each. */
  refuse(): void;
}

export function createErrorGatherer(): ErrorGatherer {
  const errors: EisenError[] = [];
  return {
    async attempt(work) {
      try {
        return await work();
      } catch (error) {
        if (!isEisenError(error)) throw error;
        errors.push(error);
        return undefined;
      }
    },
    add(error) {
      if (error !== null) errors.push(error);
    },
    refuse() {
      const [first] = errors;
      if (first === undefined) return;
      if (errors.length === 1) throw first;
      const text = ({ message, details }: EisenError): string =>
        details.hint === undefined ? message : `${message} ${details.hint}`;
      const { hint: _, ...details } = first.details;
      throw new EisenError(first.code, errors.map(text).join('\n'), { ...details, cause: first });
    },
  };
}
