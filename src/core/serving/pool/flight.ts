import { STATUS_CODES } from 'node:http';
import { renderJson } from '../http/reply.js';
import type { JobReply, JobTiming } from '../model-runtime.js';
import { type Header, type ReplyFrame, type ReplyRow, STREAM_HEADER } from '../worker-protocol/frames.js';
import { parseStages, STAGES_HEADER } from '../worker-protocol/stage-header.js';
import { createPartStream, type PartStream } from './part-stream.js';
import type { PendingJob } from './pending-job.js';

/** Jobs that travelled to a worker in one message and come back in one, or in several when they stream. */
export interface Flight {
  readonly jobs: readonly PendingJob[];
  readonly streams: (PartStream | undefined)[];
}

export function createFlight(jobs: readonly PendingJob[]): Flight {
  return { jobs, streams: [] };
}

const CLASSES = ['Informational', 'Success', 'Redirection', 'Client Error', 'Server Error'];

/** The phrase of a status; one that nobody knows gets that of its class, as in TorchServe. */
function phraseOf(status: number): string {
  const known = STATUS_CODES[status];
  return known ?? `${CLASSES[Math.floor(status / 100) - 1] ?? 'Unknown Status'} (${status})`;
}

/** Every job of the flight gets the code and the words of the worker, in TorchServe's form. */
function failedReply({ code, message }: ReplyFrame, timing: JobTiming): JobReply {
  const body = renderJson({ code, type: 'InternalServerException', message });
  return { status: code, reason: phraseOf(code), contentType: 'application/json', headers: [], body: [body], timing };
}

function rowOf(frame: ReplyFrame, job: PendingJob, n: number): ReplyRow | undefined {
  const row = frame.rows[n];
  return row?.requestId === job.job.requestId
    ? row
    : frame.rows.find(({ requestId }) => requestId === job.job.requestId);
}

const NO_HEADERS: readonly Header[] = [];

/** A reply row with the headers that are the pool's own taken off. */
interface OpenedRow {
  readonly headers: readonly Header[];
  readonly stages: ReturnType<typeof parseStages>;
  /** More parts of this reply follow. */
  readonly continues: boolean;
}

function openRow({ headers, part }: ReplyRow): OpenedRow {
  const [first] = headers;
  const isPart = part !== undefined && !part.isLast;
  if (headers.length === 1 && first![0] === STAGES_HEADER) {
    return { headers: NO_HEADERS, stages: parseStages(first![1]), continues: isPart };
  }
  const headerOf = (wanted: string): string | undefined => headers.find(([name]) => name === wanted)?.[1];
  return {
    headers: headers.filter(([name]) => name !== STAGES_HEADER),
    stages: parseStages(headerOf(STAGES_HEADER) ?? ''),
    continues: isPart || headerOf(STREAM_HEADER) === 'true',
  };
}

function toReply(row: ReplyRow, { headers, stages }: OpenedRow, timing: JobTiming): JobReply {
  const { status, reason, contentType, body } = row;
  const { queueMs, workerMs } = timing;
  const { decodeMs, preProcessMs, inferenceMs, postProcessMs, encodeMs } = stages;
  const times = { queueMs, workerMs, decodeMs, preProcessMs, inferenceMs, postProcessMs, encodeMs };
  return { status, reason, contentType, headers, body, timing: times };
}

function landJob(flight: Flight, n: number, frame: ReplyFrame, now: number): boolean {
  const job = flight.jobs[n]!;
  const stream = flight.streams[n];
  const timing = { queueMs: job.sentAt - job.enqueuedAt, workerMs: now - job.sentAt };
  const row = rowOf(frame, job, n);
  if (frame.code !== 200 || row === undefined) {
    const failed =
      row === undefined && frame.code === 200
        ? { ...frame, code: 503, message: 'number of batch response mismatched' }
        : frame;
    if (stream === undefined) job.resolve(failedReply(failed, timing));
    else stream.end(new Error(failed.message));
    return true;
  }
  const opened = openRow(row);
  if (stream !== undefined) {
    stream.push(row.body);
    if (!opened.continues) stream.end();
  } else if (opened.continues) {
    const parts = createPartStream();
    flight.streams[n] = parts;
    job.resolve({ ...toReply(row, opened, timing), stream: parts.parts, streamedBytes: row.part?.totalBytes });
  } else job.resolve(toReply(row, opened, timing));
  return !opened.continues;
}

/** Hands a reply to the jobs of its flight; true when nothing more is to come for it. */
export function landFlight(flight: Flight, frame: ReplyFrame, now: number): boolean {
  let isOver = true;
  for (let n = 0; n < flight.jobs.length; n += 1) isOver = landJob(flight, n, frame, now) && isOver;
  return isOver;
}

/** The worker is gone: whatever has not been answered is told so. */
export function failFlight(flight: Flight, error: Error): void {
  for (const [n, job] of flight.jobs.entries()) {
    const stream = flight.streams[n];
    if (stream === undefined) job.reject(error);
    else stream.end(error);
  }
}
