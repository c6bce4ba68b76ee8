import type { ApiKind } from '../../config/listen-address.js';

export interface ApiParameter {
  readonly in: 'path' | 'query';
  readonly name: string;
  readonly what: string;
  readonly type: 'string' | 'integer' | 'boolean';
}

/** One operation of an API, as the description shows it. */
export interface ApiOperation {
  readonly api: ApiKind;
  readonly method: 'get' | 'post' | 'put' | 'delete' | 'options';
  readonly path: string;
  /** Clients generated from the description call their functions so: these names are TorchServe's where it has them. */
  readonly id: string;
  readonly what: string;
  readonly parameters?: readonly ApiParameter[];
  /** Content types of the body; absent: none is read. */
  readonly takes?: readonly string[];
  /** Status → name of the schema of its JSON body, or `bytes`. */
  readonly answers: Readonly<Record<number, string>>;
  /** Statuses of errors, all of the one error form. */
  readonly errors: readonly number[];
}

const NAME: ApiParameter = { in: 'path', name: 'model_name', what: 'Name of the model.', type: 'string' };
const VERSION: ApiParameter = { in: 'path', name: 'model_version', what: 'Version of the model.', type: 'string' };

function query(name: string, type: ApiParameter['type'], what: string): ApiParameter {
  return { in: 'query', name, type, what };
}

const WAIT = query('synchronous', 'boolean', 'Whether the reply waits for the workers.');
const SCALE = [
  query('min_worker', 'integer', 'Workers to keep at least; 1 unless given.'),
  query('max_worker', 'integer', 'Workers to keep at most; min_worker unless given.'),
  query('number_gpu', 'integer', 'Accepted without effect.'),
  WAIT,
  query('timeout', 'integer', 'Accepted without effect.'),
];
const REGISTER = [
  query('url', 'string', 'A file or folder of the model store, or a URL that the operator allows.'),
  query('model_name', 'string', 'In place of the name in the manifest.'),
  query('handler', 'string', 'In place of the handler in the manifest.'),
  query('runtime', 'string', 'python, python3 or LSP.'),
  query('batch_size', 'integer', 'Requests that travel together at most; 1 unless given.'),
  query('max_batch_delay', 'integer', 'Milliseconds that the first of them waits; 100 unless given.'),
  query('response_timeout', 'integer', 'Seconds.'),
  query('startup_timeout', 'integer', 'Seconds.'),
  query('initial_workers', 'integer', 'Workers to start with.'),
  WAIT,
  query('s3_sse_kms', 'boolean', 'Accepted without effect.'),
];

/** What any request can meet before a route looks at it. */
export const COMMON_ERRORS = [400, 405, 408, 413, 415, 431, 500] as const;
const PREDICT_ERRORS = [404, 499, 501, 503, 507];
const ANY = ['*/*'];

const PREDICT_PATHS = [
  ['/predictions/{model_name}', 'predictions', [NAME], 'Predicts with the default version.'],
  ['/predictions/{model_name}/{model_version}', 'version_predictions', [NAME, VERSION], 'Predicts with one version.'],
  ['/explanations/{model_name}', 'explanations', [NAME], 'Explains with handlers that can; 501 for all others.'],
  ['/v1/models/{model_name}:predict', 'kserve_v1_predict', [NAME], 'Predicts in the V1 form of KServe.'],
  ['/v2/models/{model_name}/infer', 'infer', [NAME], 'Predicts in the form of the Open Inference Protocol.'],
  [
    '/v2/models/{model_name}/versions/{model_version}/infer',
    'version_infer',
    [NAME, VERSION],
    'Predicts with one version in the form of the Open Inference Protocol.',
  ],
] as const;

/** Replies that say no without being errors. */
const UNHEALTHY = { 500: 'Status', 503: 'Status' };
const NOT_READY = { 503: 'NotReady' };

/** Paths that tell something and take nothing: path, id, parameters, what, schema, further errors, further answers. */
const LOOK_PATHS = [
  ['inference', '/ping', 'ping', [], 'Whether the server is healthy.', 'Status', [], UNHEALTHY],
  ['inference', '/v2', 'server_metadata', [], 'Name, version and extensions of the server.', 'Any', []],
  ['inference', '/v2/health/live', 'live', [], 'Whether the server is alive.', 'Any', []],
  ['inference', '/v2/health/ready', 'ready', [], 'Whether every model is ready.', 'Any', [], NOT_READY],
  ['inference', '/v2/models/{model_name}', 'model_metadata', [NAME], 'Inputs and outputs of a model.', 'Any', [404]],
  [
    'inference',
    '/v2/models/{model_name}/ready',
    'model_ready',
    [NAME],
    'Whether a model is ready.',
    'Any',
    [404],
    NOT_READY,
  ],
  ['inference', '/v2/models/{model_name}/config', 'model_config', [NAME], 'Configuration of a model.', 'Any', [404]],
  ['inference', '/v2/models/{model_name}/stats', 'model_stats', [NAME], 'Counts and times of a model.', 'Any', [404]],
  ['inference', '/v2/models/stats', 'stats', [], 'Counts and times of all models.', 'Any', []],
  ['inference', '/v1/models', 'kserve_v1_models', [], 'Names of the models.', 'Any', []],
  [
    'inference',
    '/v1/models/{model_name}',
    'kserve_v1_ready',
    [NAME],
    'Whether a model is ready.',
    'Any',
    [404],
    NOT_READY,
  ],
] as const;

const MANAGEMENT: readonly ApiOperation[] = [
  {
    api: 'management',
    method: 'get',
    path: '/models',
    id: 'listModels',
    what: 'Lists the default versions.',
    parameters: [
      query('limit', 'integer', 'Models a page, at most 100.'),
      query('next_page_token', 'integer', 'From the page before.'),
    ],
    answers: { 200: 'ModelList' },
    errors: [],
  },
  {
    api: 'management',
    method: 'post',
    path: '/models',
    id: 'registerModel',
    what: 'Registers an archive. Off unless the operator turns it on.',
    parameters: REGISTER,
    takes: ['application/json'],
    answers: { 200: 'Status', 202: 'Status' },
    errors: [404, 409, 507],
  },
  ...(['', 'version_'] as const).flatMap((prefix): ApiOperation[] => {
    const path = prefix === '' ? '/models/{model_name}' : '/models/{model_name}/{model_version}';
    const own = prefix === '' ? [NAME] : [NAME, VERSION];
    const common = { api: 'management', path } as const;
    return [
      {
        ...common,
        method: 'get',
        id: `${prefix}describeModel`,
        what: 'Describes a model, its workers and its queue.',
        parameters: [...own, query('customized', 'boolean', 'Adds what the model tells of itself.')],
        answers: { 200: 'ModelDescription' },
        errors: [404, 503],
      },
      {
        ...common,
        method: 'put',
        id: `${prefix}setAutoScale`,
        what: 'Sets the number of workers.',
        parameters: [...own, ...SCALE],
        answers: { 200: 'Status', 202: 'Status' },
        errors: [404, 507],
      },
      {
        ...common,
        method: 'delete',
        id: `${prefix}unregisterModel`,
        what: 'Answers what was accepted, then removes the model. Off unless the operator turns it on.',
        parameters: [
          ...own,
          query('synchronous', 'boolean', 'Accepted without effect.'),
          query('timeout', 'integer', 'Seconds to drain at most.'),
        ],
        answers: { 200: 'Status' },
        errors: [403, 404],
      },
    ];
  }),
  {
    api: 'management',
    method: 'put',
    path: '/models/{model_name}/{model_version}/set-default',
    id: 'setDefault',
    what: 'Makes a version the default one.',
    parameters: [NAME, VERSION],
    answers: { 200: 'Status' },
    errors: [404],
  },
];

/** Everything that the description shows. */
export const OPERATIONS: readonly ApiOperation[] = [
  ...PREDICT_PATHS.map(
    ([path, id, parameters, what]): ApiOperation => ({
      api: 'inference',
      method: 'post',
      path,
      id,
      what,
      parameters,
      takes: ANY,
      answers: { 200: 'bytes' },
      errors: PREDICT_ERRORS,
    }),
  ),
  ...LOOK_PATHS.map(
    ([api, path, id, parameters, what, schema, errors, answers]): ApiOperation => ({
      api,
      method: 'get',
      path,
      id,
      what,
      parameters,
      answers: { 200: schema, ...answers },
      errors,
    }),
  ),
  ...MANAGEMENT,
  {
    api: 'metrics',
    method: 'get',
    path: '/metrics',
    id: 'metrics',
    what: 'Metrics in the text form of Prometheus.',
    parameters: [query('name[]', 'string', 'Names of families to show.')],
    answers: { 200: 'text' },
    errors: [],
  },
];
