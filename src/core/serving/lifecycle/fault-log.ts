import { isEisenError } from '../../errors/error.js';
import type { ServerMessage } from './logs/log-lines.js';
import { createSeldom } from './seldom.js';

const REPEAT_MS = 60_000;

/** What a request or work in the background met that its client cannot mend. */
export interface Fault {
  /** null: in the background. */
  readonly requestId: string | null;
  readonly error: unknown;
}

/** Tells the operator of faults: each of this program, and at most once a minute that the disk is full. */
export function createFaultLog(
  say: (line: ServerMessage) => void,
  now: () => number = () => performance.now(),
): (fault: Fault) => void {
  const maySay = createSeldom(REPEAT_MS, now);
  return ({ requestId, error }) => {
    const id = requestId ?? undefined;
    if (isEisenError(error) && error.code === 'DISK_FULL') {
      if (maySay()) say({ level: 'ERROR', message: `the disk is full: ${error.message}`, requestId: id });
      return;
    }
    const message = id === undefined ? 'work in the background failed' : 'a request met a fault of this program';
    say({ level: 'ERROR', message, requestId: id, cause: error });
  };
}
