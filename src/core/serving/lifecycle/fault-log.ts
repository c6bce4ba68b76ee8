import { isEisenError } from '../../errors/error.js';
import type { Fault } from '../http/fault.js';
import type { ServerMessage } from './logs/log-lines.js';
import { createSeldom } from './seldom.js';

const REPEAT_MS = 60_000;

/** Tells the operator of faults: each of this program, each reply that broke off, and at most once a minute that the disk is full. */
export function createFaultLog(
  say: (line: ServerMessage) => void,
  now: () => number = () => performance.now(),
): (fault: Fault) => void {
  const maySay = createSeldom(REPEAT_MS, now);
  return ({ requestId, error, isCutOff }) => {
    const id = requestId ?? undefined;
    if (isCutOff) {
      say({ level: 'WARN', message: 'a reply broke off', requestId: id, cause: error });
      return;
    }
    if (isEisenError(error) && error.code === 'DISK_FULL') {
      if (maySay()) say({ level: 'ERROR', message: `the disk is full: ${error.message}`, requestId: id });
      return;
    }
    const message = id === undefined ? 'work in the background failed' : 'a request met a fault of this program';
    say({ level: 'ERROR', message, requestId: id, cause: error });
  };
}
