import { EisenError } from '../../errors/error.js';
import type { JobParameter } from '../model-runtime.js';
import type { RegisteredModel } from '../registry.js';
import type { Exchange } from './exchange.js';
import type { InferenceDeps } from './inference-deps.js';
import { predict } from './predict.js';
import type { Reply } from './reply.js';

export interface PredictionTarget {
  readonly name: string;
  /** As the URL names it. */
  readonly version?: string;
  /** What stands behind model and version in the path. */
  readonly rest?: string;
  readonly explain?: boolean;
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
  const { reply, job, elapsedMs } = await predict(exchange, {
    model,
    version,
    limitBytes: deps.config.maxRequestBytes,
    headers: [
      ['url_path', target.rest ?? ''],
      ['explain', target.explain ? 'True' : 'False'],
      ...(target.contentType === undefined ? [] : protocolHeaders(model)),
    ],
    extra: target.extra,
    contentType: target.contentType,
  }).catch((error: unknown) => {
    deps.metrics.statistics.observe(facts, { isSuccess: false, totalMs: performance.now() - started });
    throw error;
  });
  const isSuccess = job.status < 400;
  if (isSuccess) deps.metrics.observePrediction(facts, job.timing, elapsedMs);
  deps.metrics.statistics.observe(facts, { isSuccess, timing: job.timing, totalMs: elapsedMs });
  return reply;
}
