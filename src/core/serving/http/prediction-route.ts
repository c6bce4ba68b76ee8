import { EisenError, isEisenError } from '../../errors/error.js';
import type { JobParameter } from '../model-runtime.js';
import type { RegisteredModel } from '../registry.js';
import { errorReply } from './error-reply.js';
import type { Exchange } from './exchange.js';
import type { InferenceDeps } from './inference-deps.js';
import { predict } from './predict.js';
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
function refuseForNow(thrown: unknown, exchange: Exchange, model: RegisteredModel, deps: InferenceDeps): Reply {
  if (!isEisenError(thrown) || thrown.code !== 'QUEUE_FULL') throw thrown;
  const { runtime } = model;
  const { compute_infer, compute_input, compute_output } = deps.metrics.statistics.of(
    runtime.name,
    runtime.version,
  ).inferenceStats;
  const ns = compute_input.ns + compute_infer.ns + compute_output.ns;
  const meanMs = ns / 1e6 / Math.max(1, compute_infer.count);
  const seconds = retryAfterS({ pending: runtime.queue.pendingRequests, meanMs, workers: runtime.workers.length });
  return errorReply(thrown, exchange.requestId, { retryAfterS: seconds });
}

/** Predicts with a registered model and counts it. Throws MODEL_NOT_FOUND, EXPLANATION_UNSUPPORTED and what predict throws. */
export async function answerPrediction(
  exchange: Exchange,
  deps: InferenceDeps,
  target: PredictionTarget,
): Promise<Reply> {
  const { name, version } = target;
  const model = deps.registry.find(name, version);
  if (target.explain && model.runtime.handler !== 'archive') throw refuseExplanation(model);
  const facts = { name, version: model.runtime.version, askedVersion: version };
  deps.metrics.countPrediction(facts);
  const started = performance.now();
  const answer = await predict(exchange, {
    model,
    version,
    limitBytes: deps.config.maxRequestBytes,
    headers: [
      ...(target.rest === undefined ? [] : [['url_path', target.rest] as const]),
      ...(target.explain === undefined ? [] : [['explain', target.explain ? 'True' : 'False'] as const]),
      ...(target.contentType === undefined ? [] : protocolHeaders(model)),
    ],
    extra: target.extra,
    pieces: target.pieces,
    contentType: target.contentType,
  }).catch((error: unknown) => {
    deps.metrics.statistics.observe(facts, { isSuccess: false, totalMs: performance.now() - started });
    return refuseForNow(error, exchange, model, deps);
  });
  if (!('job' in answer)) return answer;
  const { reply, job, elapsedMs } = answer;
  const isSuccess = job.status < 400;
  if (isSuccess) deps.metrics.observePrediction(facts, job.timing, elapsedMs);
  deps.metrics.statistics.observe(facts, { isSuccess, timing: job.timing, totalMs: elapsedMs });
  return reply;
}
