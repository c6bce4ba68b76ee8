import { EisenError, isEisenError } from '../../errors/error.js';
import type { Job, JobParameter, JobReply } from '../model-runtime.js';
import type { RegisteredModel } from '../registry.js';
import { readBody } from './body.js';
import type { Exchange } from './exchange.js';
import { splitBody } from './job-parameters.js';
import type { Reply } from './reply.js';

type Header = readonly [string, string];

/** The request headers as the handler gets them: client casing, the last of a name wins there. A token never goes along. */
function handlerHeaders(exchange: Exchange, added: readonly Header[]): Header[] {
  const raw = exchange.request.rawHeaders;
  const headers: Header[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!;
    if (name.length === 13 && name.toLowerCase() === 'authorization') continue;
    headers.push([name, raw[at + 1]!]);
  }
  headers.push(...added);
  return headers;
}

/** Throws NO_WORKER in the words that clients of TorchServe match on. `version` only when the URL named one. */
function refuseWithoutWorker(name: string, version: string | undefined, cause?: unknown): EisenError {
  const model = version === undefined ? `Model "${name}"` : `Model "${name}" Version ${version}"`;
  const reason = isEisenError(cause) ? cause.details : {};
  return new EisenError(
    'NO_WORKER',
    `${model} has no worker to serve inference request. Please use scale workers API to add workers. If this is a sequence ` +
      'inference, please check if it is closed, or expired; or exceeds maxSequenceJobQueueSize',
    { ...reason, cause },
  );
}

/** Refuses before the body is read what would be refused after it anyway. */
function admit(model: RegisteredModel, version: string | undefined): void {
  const { runtime } = model;
  if (runtime.workers.length === 0) throw refuseWithoutWorker(runtime.name, version);
  if (runtime.refusal) throw refuseWithoutWorker(runtime.name, version, runtime.refusal);
  if (runtime.queue.remainingCapacity > 0) return;
  throw new EisenError('QUEUE_FULL', `The job queue of model "${runtime.name}" is full. Try again later.`, {
    where: runtime.name,
    expected: `at most ${runtime.settings.jobQueueSize} waiting requests`,
    hint: 'Add workers, raise job_queue_size, or send fewer requests at once.',
  });
}

/** The reply of a worker, as a reply of the server. */
export function replyOfJob(job: JobReply): Reply {
  // A Python handler that names a type has it among its headers as well.
  const isNamed = job.contentType === '' || job.headers.some(([name]) => name.toLowerCase() === 'content-type');
  const type: Header[] = isNamed ? [] : [['content-type', job.contentType]];
  return {
    status: job.status,
    reason: job.reason,
    headers: [...type, ...job.headers],
    body: job.body,
    stream: job.stream,
    streamedBytes: job.streamedBytes,
  };
}

/** Hands a job to the model and waits for its answer. `version` as the URL names it. */
export async function submitJob(model: RegisteredModel, job: Job, version?: string): Promise<JobReply> {
  try {
    return await model.runtime.submit(job);
  } catch (error) {
    if (isEisenError(error) && error.code === 'NO_WORKER')
      throw refuseWithoutWorker(model.runtime.name, version, error);
    throw error;
  }
}

export interface PredictCall {
  readonly model: RegisteredModel;
  /** As the URL names it. */
  readonly version?: string;
  readonly limitBytes: number;
  readonly headers: readonly Header[];
  /** Parameters beside those of the body (query parameters of the older paths). */
  readonly extra?: readonly JobParameter[];
  /** In place of the content type of the request. */
  readonly contentType?: string;
  /** The body, where it has been read already. */
  readonly pieces?: readonly Uint8Array[];
}

/** One prediction: decide, read the body, hand it over. `elapsedMs` counts from the complete body. */
export async function predict(exchange: Exchange, call: PredictCall): Promise<{ job: JobReply; elapsedMs: number }> {
  const { model, version, limitBytes, headers, extra, contentType } = call;
  const { request, requestId, signal } = exchange;
  admit(model, version);
  const pieces = call.pieces ?? (await readBody(exchange, limitBytes));
  const started = performance.now();
  const typedFields = model.runtime.handler !== 'archive';
  const body = splitBody(contentType ?? request.headers['content-type'], pieces, { typedFields });
  const parameters = extra === undefined ? body : [...extra, ...body];
  const row = { requestId, signal, kind: 'predict' as const, headers: handlerHeaders(exchange, headers), parameters };
  const job = await submitJob(model, row, version);
  return { job, elapsedMs: performance.now() - started };
}
