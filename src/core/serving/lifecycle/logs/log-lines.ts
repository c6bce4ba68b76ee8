import { isEisenError } from '../../../errors/error.js';
import type { AccessRecord } from '../../http/access-record.js';

export type LogLevel = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

/** One message of the server itself. */
export interface ServerMessage {
  readonly level: LogLevel;
  readonly message: string;
  readonly requestId?: string;
  /** The same as the sentence says, by name: for the JSON form. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
  /** What was thrown; the stack of a fault goes to the log and nowhere else. */
  readonly cause?: unknown;
}

/** One line that a worker process wrote. */
export interface WorkerLine {
  /** `W-9000-brain_1.0` */
  readonly worker: string;
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

function renderSecond(time: Date): string {
  const day = `${time.getFullYear()}-${pad(time.getMonth() + 1, 2)}-${pad(time.getDate(), 2)}`;
  return `${day}T${pad(time.getHours(), 2)}:${pad(time.getMinutes(), 2)}:${pad(time.getSeconds(), 2)}`;
}

/** The second that was rendered last: a busy server writes thousands of lines in it. */
let latest = { second: Number.NaN, text: '' };

/** Local time as the peer's logs write it: `2026-11-22T18:55:47,682`. */
export function renderLocalTime(time: Date): string {
  const second = Math.floor(time.getTime() / 1000);
  if (second !== latest.second) latest = { second, text: renderSecond(time) };
  return `${latest.text},${pad(time.getMilliseconds(), 3)}`;
}

/** One line, whatever was in the text: a client must not be able to write a log line of its own. */
export function asOneLine(text: string): string {
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f\u0085\u2028\u2029]/g, (char) =>
    char === '\n' ? '\\n' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function describeCause(cause: unknown): string {
  if (cause === undefined) return '';
  if (isEisenError(cause)) return `${cause.message} [${cause.code}]`;
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

/** How the five logs are written. */
export interface LogForm {
  access(record: AccessRecord, time: Date): string;
  server(message: ServerMessage, time: Date): string;
  worker(line: WorkerLine, time: Date): string;
  metric(line: string, time: Date): string;
}

/** The peer's line forms. */
export const TEXT_FORM: LogForm = {
  access: ({ remote, method, target, protocol, status, elapsedMs }, time) =>
    `${renderLocalTime(time)} - /${remote} "${asOneLine(`${method} ${target} ${protocol}`)}" ${status} ${Math.round(elapsedMs)}`,
  server({ level, message, requestId, cause }, time) {
    const request = requestId === undefined ? '' : ` [request ${requestId}]`;
    const reason = describeCause(cause);
    const tail = reason === '' ? '' : ` ${asOneLine(reason)}`;
    return `${renderLocalTime(time)} [${level.padEnd(5)}] main eisen.serve - ${asOneLine(message)}${request}${tail}`;
  },
  worker: ({ worker, stream, line }, time) =>
    `${renderLocalTime(time)} [${stream === 'stderr' ? 'WARN ' : 'INFO '}] ${worker}-${stream} MODEL_LOG - ${asOneLine(line)}`,
  metric: (line, time) => `${renderLocalTime(time)} - ${asOneLine(line)}`,
};

/** One JSON object a line, times in UTC. */
export const JSON_FORM: LogForm = {
  access: (record, time) =>
    JSON.stringify({
      time: time.toISOString(),
      log: 'access',
      ...record,
      elapsedMs: Number(record.elapsedMs.toFixed(3)),
    }),
  server: ({ cause, ...message }, time) =>
    JSON.stringify({
      time: time.toISOString(),
      log: 'server',
      ...message,
      ...(cause === undefined ? {} : { cause: describeCause(cause) }),
    }),
  worker: (line, time) => JSON.stringify({ time: time.toISOString(), log: 'model', ...line }),
  metric: (line, time) => JSON.stringify({ time: time.toISOString(), log: 'metric', line }),
};
