import type { ModelStatistics } from '../../metrics/model-statistics.js';
import type { RegisteredModel } from '../../registry.js';
import type { Exchange, Route } from '../exchange.js';
import type { InferenceDeps } from '../inference-deps.js';
import { jsonReply } from '../reply.js';
import { describeConfig, platformOf } from './model-config.js';
import { tensorsOf } from './tensor-metadata.js';

export interface ModelPath {
  readonly name: string;
  readonly version?: string;
  /** What stands behind: '' for the model itself, else `infer`, `ready`, `config`, `stats`, `explain`. */
  readonly action: string;
}

/** `/v2/models/{m}[/versions/{v}][/{action}]`; null for any other path. */
export function parseModelPath(segments: readonly string[]): ModelPath | null {
  const [api, models, name, ...rest] = segments;
  if (api !== 'v2' || models !== 'models' || name === undefined) return null;
  if (rest[0] !== 'versions') return rest.length < 2 ? { name, action: rest[0] ?? '' } : null;
  const [, version, action = ''] = rest;
  return version !== undefined && rest.length < 4 ? { name, version, action } : null;
}

function describeModel(model: RegisteredModel, deps: InferenceDeps): Record<string, unknown> {
  const { runtime } = model;
  return {
    name: runtime.name,
    versions: deps.registry.versionsOf(runtime.name).map(({ runtime: { version } }) => version),
    platform: platformOf(runtime),
    ...tensorsOf(runtime.metadata),
  };
}

function describeStatistics({ runtime }: RegisteredModel, statistics: ModelStatistics): Record<string, unknown> {
  return {
    name: runtime.name,
    version: runtime.version,
    last_inference: statistics.lastInferenceMs,
    inference_count: statistics.inferenceCount,
    execution_count: statistics.inferenceCount,
    inference_stats: statistics.inferenceStats,
    response_stats: {},
    batch_stats: [],
    memory_usage: [],
  };
}

function statisticsOf(models: readonly RegisteredModel[], deps: InferenceDeps): Record<string, unknown> {
  const read = (model: RegisteredModel): ModelStatistics =>
    deps.metrics.statistics.of(model.runtime.name, model.runtime.version);
  return { model_stats: models.map((model) => describeStatistics(model, read(model))) };
}

function isAction(exchange: Exchange, action: string): boolean {
  return parseModelPath(exchange.target.segments)?.action === action;
}

/** What the Open Inference Protocol tells of models: metadata, configuration, statistics. */
export function createOipDescribeRoutes(deps: InferenceDeps): Route[] {
  const find = ({ target }: Exchange): RegisteredModel => {
    const { name, version } = parseModelPath(target.segments)!;
    return deps.registry.find(name, version);
  };
  return [
    {
      api: 'inference',
      matches: ({ target }) => target.path === '/v2/models/stats',
      answer: () => jsonReply(200, statisticsOf(deps.registry.all(), deps)),
    },
    {
      api: 'inference',
      matches: (exchange) => isAction(exchange, ''),
      answer: (exchange) => jsonReply(200, describeModel(find(exchange), deps)),
    },
    {
      api: 'inference',
      matches: (exchange) => isAction(exchange, 'config'),
      answer: (exchange) => jsonReply(200, describeConfig(find(exchange).runtime)),
    },
    {
      api: 'inference',
      matches: (exchange) => isAction(exchange, 'stats'),
      answer: (exchange) => jsonReply(200, statisticsOf([find(exchange)], deps)),
    },
  ];
}
