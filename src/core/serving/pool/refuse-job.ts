import { EisenError } from '../../errors/error.js';

/** Why a model has nobody for a job. Pure; `retryInMs` is the time to the next attempt of workers that keep dying. */
export function refuseJob(facts: {
  readonly name: string;
  readonly breakerOpen: boolean;
  readonly retryInMs: number;
}): EisenError {
  const { name, breakerOpen, retryInMs } = facts;
  const waitS = Math.max(1, Math.ceil(retryInMs / 1000));
  const why = breakerOpen
    ? {
        found: 'the workers die before they answer',
        hint: `The next attempt is in ${waitS} s.`,
        retryAfterS: waitS,
      }
    : { found: 'no worker', hint: 'Scale the workers up.' };
  return new EisenError('NO_WORKER', `Model "${name}" has no worker to serve inference request.`, {
    where: name,
    ...why,
  });
}
