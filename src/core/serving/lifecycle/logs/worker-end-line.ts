import type { WorkerEndEvent } from '../../pool/worker-end.js';
import type { ServerMessage } from './log-lines.js';

const LINE_CHARS = 500;

function describeRestart({ cause, restartInMs, breakerOpen }: WorkerEndEvent): string {
  const delay = restartInMs === 0 ? 'at once' : `in ${(restartInMs / 1000).toFixed(1)} s`;
  if (cause === 'refused') return `it is looked at again ${delay}`;
  return breakerOpen
    ? `too many ended before they answered: the model is given up for now, one start is tried ${delay}`
    : `another is started ${delay}`;
}

/** The end of a worker as one line for the operator: which, by what, what it said last, what comes next. */
export function describeWorkerEnd(event: WorkerEndEvent): ServerMessage {
  const { model, version, workerId, pid, cause, error, how = '', lastLines = [], restartInMs, breakerOpen } = event;
  const facts = { model, version, workerId, pid, cause, how, restartInMs, breakerOpen };
  const worker = `worker W-${workerId}-${model}_${version}`;
  const next = describeRestart(event);
  if (cause === 'closed') {
    return { level: 'INFO', message: `${worker} (process ${pid}) was ended after its share of jobs; ${next}`, facts };
  }
  const said = lastLines.filter((line) => line.trim() !== '').map((line) => line.slice(0, LINE_CHARS));
  const words = said.length === 0 ? '' : `; its last lines: ${said.join(' | ')}`;
  // Nothing mends itself here: the operator is told what does.
  const advice =
    cause === 'refused' && error.details.hint !== undefined ? `; ${error.details.hint.replace(/\.$/, '')}` : '';
  const what = pid === 0 ? `${worker} was not started` : `${worker} (process ${pid}) ended by ${how}, cause ${cause}`;
  return { level: 'ERROR', message: `${what}; ${next}${words}${advice}:`, facts, cause: error };
}
