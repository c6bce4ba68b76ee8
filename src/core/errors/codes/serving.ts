import type { CodeRow } from '../code-row.js';

export const SERVING_CODES = {
  WORKER_DIED: { http: 500, exit: 1, means: 'the worker process ended while it held the job' },
  WORKER_OUT_OF_MEMORY: { http: 507, exit: 75, means: 'the worker was ended at its memory ceiling' },
  WORKER_START_FAILED: { http: 500, exit: 4, means: 'the worker did not become ready' },
  WORKER_MEMORY_AT_START: { http: 507, exit: 75, means: 'the worker passed its memory ceiling before it was ready' },
  WORKER_PROTOCOL: { http: 500, exit: 1, means: 'a worker and the server do not understand each other' },
  JOB_EXPIRED: { http: 503, exit: 75, means: 'the job waited in the queue past its deadline and was not run' },
  DEVICE_UNAVAILABLE: { http: 400, exit: 2, means: 'the inference engine has no such device here' },
  RESPONSE_TIMEOUT: { http: 500, exit: 75, means: 'the worker did not answer within the response timeout' },
  QUEUE_FULL: { http: 503, exit: 75, means: 'the job queue of the model is full' },
  NO_WORKER: { http: 503, exit: 75, means: 'the model has no worker that can serve' },
  MODEL_NOT_FOUND: { http: 404, exit: 5, means: 'no model of this name or version is registered' },
  ARCHIVE_REPLACED: { http: 409, exit: 4, means: 'the file of a registered model is not the one that was registered' },
  SERVER_RUNNING: { http: 409, exit: 1, means: 'a server runs already with this temporary folder' },
  START_REFUSED: { http: 500, exit: 1, means: 'the server cannot start as it was asked to' },
  ADDRESS_UNUSABLE: { http: 500, exit: 5, means: 'a configured address cannot be listened on' },
  METRICS_FILE_INVALID: { http: 500, exit: 1, means: 'the file that metrics_config names cannot be used' },
  CONFIG_INVALID: { http: 500, exit: 2, means: 'the configuration is not valid' },
} as const satisfies Record<string, CodeRow>;
