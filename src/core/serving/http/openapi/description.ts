import { VERSION } from '../../../../version.js';
import type { ApiKind } from '../../config/listen-address.js';
import type { RegisteredModel } from '../../registry.js';
import { type ApiOperation, COMMON_ERRORS, OPERATIONS } from './operations.js';
import { fieldsSchema, SCHEMAS, type Schema } from './schemas.js';

const OPENAPI = '3.0.1';
const ERROR = {
  description: 'An error.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
};

function contentOf(form: string): Schema {
  if (form === 'bytes') return { '*/*': { schema: { type: 'string', format: 'binary' } } };
  if (form === 'text') return { 'text/plain; version=0.0.4; charset=utf-8': { schema: { type: 'string' } } };
  return { 'application/json': { schema: { $ref: `#/components/schemas/${form}` } } };
}

function describeOperation(operation: ApiOperation): Schema {
  const errors = [...COMMON_ERRORS, ...operation.errors].sort((a, b) => a - b);
  const answers = Object.entries(operation.answers).map(([status, form]) => [
    status,
    { description: Number(status) < 400 ? 'OK' : 'Not now.', content: contentOf(form) },
  ]);
  const { takes } = operation;
  return {
    description: operation.what,
    operationId: operation.id,
    parameters: (operation.parameters ?? []).map(({ in: place, name, what, type }) => ({
      in: place,
      name,
      description: what,
      required: place === 'path' || (operation.id === 'registerModel' && name === 'url'),
      schema: { type },
    })),
    ...(takes === undefined
      ? {}
      : {
          requestBody: {
            content: Object.fromEntries(takes.map((type) => [type, { schema: { type: 'string', format: 'binary' } }])),
          },
        }),
    responses: Object.fromEntries([...errors.map((status) => [status, ERROR]), ...answers]),
  };
}

/** OpenAPI 3.0 of the APIs that one listener serves. */
export function describeApis(apis: readonly ApiKind[]): Schema {
  const paths: Record<string, Record<string, Schema>> = {};
  const self: ApiOperation = {
    api: apis[0] ?? 'inference',
    method: 'options',
    path: '/',
    id: 'apiDescription',
    what: 'This description.',
    answers: { 200: 'Any' },
    errors: [],
  };
  const shown = [self, { ...self, method: 'get', path: '/api-description', id: 'api-description' } as const];
  for (const operation of [...shown, ...OPERATIONS.filter(({ api }) => apis.includes(api))]) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describeOperation(operation) };
  }
  return {
    openapi: OPENAPI,
    info: { title: 'eisen-deploy', description: 'Serves packaged medical-imaging models.', version: VERSION },
    paths,
    components: { schemas: SCHEMAS },
  };
}

/** OpenAPI 3.0 of one model: its real inputs and outputs, where its archive tells them. */
export function describeModelApi(model: RegisteredModel): Schema {
  const { name, version, metadata } = model.runtime;
  const bytes = { type: 'string', format: 'binary' };
  const inputs = metadata === null ? bytes : fieldsSchema(metadata.inputs);
  const outputs = metadata === null ? bytes : fieldsSchema(metadata.outputs);
  const post = {
    description: `Predicts with ${name} ${version}. An empty body asks for its metadata.`,
    operationId: name,
    parameters: [],
    requestBody: {
      content: {
        'application/json': { schema: inputs },
        'application/msgpack': { schema: bytes },
        'multipart/form-data': { schema: inputs },
      },
    },
    responses: {
      200: {
        description: 'OK',
        content: { 'application/msgpack': { schema: bytes }, 'application/json': { schema: outputs } },
      },
      ...Object.fromEntries([400, 404, 413, 500, 503, 507].map((status) => [status, ERROR])),
    },
  };
  return {
    openapi: OPENAPI,
    info: { title: `RESTful API for: ${name}`, version },
    paths: {
      [`/predictions/${name}`]: { post },
      [`/predictions/${name}/${version}`]: { post: { ...post, operationId: `${name}_version` } },
    },
    components: { schemas: { Error: SCHEMAS['Error'] } },
  };
}
