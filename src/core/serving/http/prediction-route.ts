import { EisenError, isEisenError } from '../../errors/error.js';
import type { ModelStatistics } from '../metrics/model-statistics.js';
import type { JobParameter } from '../model-runtime.js';
import type { RegisteredModel } from '../registry.js';
import { errorReply } from './error-reply.js';
import type { Exchange } from './exchange.js';
import type { InferenceDeps } from './inference-deps.js';
import { predict, replyOfJob } from './predict.js';
import type { Reply } from './reply.js';

export interface PredictionTarget {
  readonly name: string;
  /** As the URL names it. */
  readonly version?: string;
  /** What stands behind model and version in the path; absent where the path has no such place. */
  readonly rest?: string;
  /** Absent on the older paths, which know no explanations. */
  readonly explain?: boolean;
  /** The body, where it had to be read to find the model. */
  readonly pieces?: readonly Uint8Array[];
  /** Parameters that go to the handler beside those of the body. */
  readonly extra?: readonly JobParameter[];
  /** In place of the content type of the request. */
  readonly contentType?: string;
}

function refuseExplanation(model: RegisteredModel): EisenError {
  return new EisenError(
    'EXPLANATION_UNSUPPORTED',
    `Model "${model.runtime.name}" gives no explanations: an ONNX graph carries no gradients to make them from.`,
    { where: model.runtime.name, hint: 'Ask /predictions for its outputs.' },
  );
}

/** The query of the older paths reaches the handler as parameters. */
export function queryParameters(query: URLSearchParams): JobParameter[] {
  return [...query].map(([name, value]) => ({ name, contentType: '', value: [Buffer.from(value, 'utf8')] }));
}

/** Replies of the protocols name the model, which a worker knows by its archive only. */
function protocolHeaders({ runtime }: RegisteredModel): (readonly [string, string])[] {
  return [
    ['x-eisen-model', runtime.name],
    ['x-eisen-model-version', runtime.version],
  ];
}

const LONGEST_RETRY_S = 60;

/** Seconds until what waits now will have been answered: waiting × mean ÷ workers, rounded up, 1 to 60. Pure. */
export function retryAfterS(queue: {
  readonly pending: number;
  readonly meanMs: number;
  readonly workers: number;
}): number {
  const seconds = Math.ceil((queue.pending * queue.meanMs) / Math.max(1, queue.workers) / 1000);
  return Math.min(LONGEST_RETRY_S, Math.max(1, seconds));
}

/** A full queue says when to come back; every other refusal goes its way. */
function refuseForNow(thrown: unknown, facts: { exchange: Exchange; model: RegisteredModel; stats: ModelStatistics }) {
  if (!isEisenError(thrown) || thrown.code !== 'QUEUE_FULL') throw thrown;
  const { runtime } = facts.model;
  const { compute_infer, compute_input, compute_output } = facts.stats.inferenceStats;
  const ns = compute_input.ns + compute_infer.ns + compute_output.ns;
  const meanMs = ns / 1e6 / Math.max(1, compute_infer.count);
  const seconds = retryAfterS({ pending: runtime.queue.pendingRequests, meanMs, workers: runtime.workers.length });
  return errorReply(thrown, facts.exchange.requestId, { retryAfterS: seconds });
}

/** What the handler learns of the request beside its own headers. */
function addedHeaders(target: PredictionTarget, model: RegisteredModel): (readonly [string, string])[] {
  const { rest, explain, contentType } = target;
  const headers: (readonly [string, string])[] = [];
  if (rest !== undefined) headers.push(['url_path', rest]);
  if (explain !== undefined) headers.push(['explain', explain ? 'True' : 'False']);
  if (contentType !== undefined) headers.push(...protocolHeaders(model));
  return headers;
}

/** Predicts with a registered model and counts it. Throws MODEL_NOT_FOUND, EXPLANATION_UNSUPPORTED and what predict throws. */
export async function answerPrediction(
  exchange: Exchange,
  deps: InferenceDeps,
  target: PredictionTarget,
): Promise<Reply> {
  const { name, version, extra, pieces, contentType } = target;
  const model = deps.registry.find(name, version);
  if (target.explain && model.runtime.handler !== 'archive') throw refuseExplanation(model);
  const metrics = deps.metrics.predictionsOf(name, model.runtime.version, version);
  metrics.count();
  const started = performance.now();
  const limitBytes = deps.config.maxRequestBytes;
  const headers = addedHeaders(target, model);
  try {
    const call = { model, version, limitBytes, headers, extra, pieces, contentType };
    const { job, elapsedMs } = await predict(exchange, call);
    if (job.status < 400) metrics.observe(job.timing, elapsedMs);
    else metrics.observeFailure(elapsedMs);
    return replyOfJob(job);
  } catch (error) {
    metrics.observeFailure(performance.now() - started);
    return refuseForNow(error, { exchange, model, stats: metrics.statistics });
  }
}
