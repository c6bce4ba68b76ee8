import type { RegisteredModel } from '../../registry.js';
import type { Exchange, Route } from '../exchange.js';
import type { InferenceDeps } from '../inference-deps.js';
import { answerPrediction } from '../prediction-route.js';
import type { Reply } from '../reply.js';
import { parseModelPath } from './describe-routes.js';

/** The types under which a worker of ours gets the bodies of the two protocols. */
const OIP_TYPE = 'application/vnd.eisen.oip';
const KSERVE_V1_TYPE = 'application/vnd.eisen.kserve-v1+json';

/** A handler that an archive brings gets such a body as it came, as in TorchServe; ours gets told what it is. */
function typeFor(model: RegisteredModel, type: string): string | undefined {
  return model.runtime.handler === 'archive' ? undefined : type;
}

/** `/v1/models/{m}:predict`, `:explain`; null for any other path. */
function parseV1Path(segments: readonly string[]): { name: string; verb: 'predict' | 'explain' } | null {
  const [api, models, last = ''] = segments;
  if (api !== 'v1' || models !== 'models' || segments.length !== 3) return null;
  const colon = last.lastIndexOf(':');
  const verb = last.slice(colon + 1);
  return colon > 0 && (verb === 'predict' || verb === 'explain') ? { name: last.slice(0, colon), verb } : null;
}

function answerV2(exchange: Exchange, deps: InferenceDeps): Promise<Reply> {
  const { name, version, action } = parseModelPath(exchange.target.segments)!;
  const contentType = typeFor(deps.registry.find(name, version), OIP_TYPE);
  return answerPrediction(exchange, deps, { name, version, explain: action === 'explain', contentType });
}

function answerV1(exchange: Exchange, deps: InferenceDeps): Promise<Reply> {
  const { name, verb } = parseV1Path(exchange.target.segments)!;
  const contentType = typeFor(deps.registry.find(name), KSERVE_V1_TYPE);
  return answerPrediction(exchange, deps, { name, explain: verb === 'explain', contentType });
}

/** Predictions in the forms of the Open Inference Protocol and of KServe's V1. */
export function createInferRoutes(deps: InferenceDeps): Route[] {
  return [
    {
      api: 'inference',
      matches: ({ target }) => ['infer', 'explain'].includes(parseModelPath(target.segments)?.action ?? ''),
      answer: (exchange) => answerV2(exchange, deps),
    },
    {
      api: 'inference',
      matches: ({ target }) => parseV1Path(target.segments) !== null,
      answer: (exchange) => answerV1(exchange, deps),
    },
  ];
}
