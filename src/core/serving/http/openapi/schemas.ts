import type { TensorDescription } from '../../../metadata/metadata.js';

export type Schema = Readonly<Record<string, unknown>>;

const TEXT: Schema = { type: 'string' };
const COUNT: Schema = { type: 'integer' };

function object(properties: Readonly<Record<string, Schema>>, required = Object.keys(properties)): Schema {
  return { type: 'object', required, properties };
}

function list(items: Schema): Schema {
  return { type: 'array', items };
}

/** The JSON bodies that the API answers with, by the names that operations use. */
export const SCHEMAS: Readonly<Record<string, Schema>> = {
  Error: object({ code: COUNT, type: TEXT, message: TEXT, detail: { type: 'object' }, requestId: TEXT }, [
    'code',
    'type',
    'message',
  ]),
  Status: object({ status: TEXT }),
  NotReady: object({ name: TEXT, ready: { type: 'boolean' }, live: { type: 'boolean' }, error: TEXT }, [
    'ready',
    'error',
  ]),
  Any: { type: 'object' },
  ModelList: object({ nextPageToken: TEXT, models: list(object({ modelName: TEXT, modelUrl: TEXT })) }, ['models']),
  ModelDescription: list(
    object(
      {
        modelName: TEXT,
        modelVersion: TEXT,
        modelUrl: TEXT,
        runtime: TEXT,
        minWorkers: COUNT,
        maxWorkers: COUNT,
        batchSize: COUNT,
        maxBatchDelay: COUNT,
        responseTimeout: COUNT,
        startupTimeout: COUNT,
        loadedAtStartup: { type: 'boolean' },
        workers: list(
          object({
            id: TEXT,
            startTime: TEXT,
            status: { type: 'string', enum: ['READY', 'UNLOADING'] },
            memoryUsage: COUNT,
            pid: COUNT,
          }),
        ),
        jobQueueStatus: object({ remainingCapacity: COUNT, pendingRequests: COUNT }),
        customizedMetadata: { type: 'object' },
      },
      ['modelName', 'modelVersion', 'modelUrl', 'minWorkers', 'maxWorkers', 'workers', 'jobQueueStatus'],
    ),
  ),
};

/** Nested arrays, one a axis; a free axis has no bounds. */
function arraySchema(shape: readonly number[], item: Schema): Schema {
  return [...shape]
    .reverse()
    .reduce<Schema>(
      (inner, axis) => (axis < 0 ? list(inner) : { ...list(inner), minItems: axis, maxItems: axis }),
      item,
    );
}

/** A field of the metadata as a JSON schema: what a JSON request carries for it. */
function fieldSchema(field: TensorDescription): Schema {
  const note = { description: `${field.type} ${JSON.stringify(field.shape)}` };
  switch (field.type) {
    case 'str':
      return { ...TEXT, ...note };
    case 'list':
      return { ...list({}), ...note };
    case 'json':
      return note;
    case 'nifti':
    case 'dicom':
    case 'image':
      return { type: 'string', format: 'binary', ...note };
    default:
      return { ...arraySchema(field.shape, { type: 'number' }), ...note };
  }
}

/** A dictionary of fields as a JSON schema. */
export function fieldsSchema(fields: readonly TensorDescription[]): Schema {
  return object(Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field)])));
}
