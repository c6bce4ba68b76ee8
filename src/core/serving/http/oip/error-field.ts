import { type Reply, renderJson } from '../reply.js';

const LIMIT = 64 * 1024;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(body: Reply['body']): unknown {
  try {
    return JSON.parse(Buffer.concat(body).toString('utf8'));
  } catch {
    return null;
  }
}

/** Clients of the Open Inference Protocol read one field of an error, `error`: it is put in front of those of TorchServe. */
export function addErrorField(reply: Reply): Reply {
  const bytes = reply.body.reduce((sum, piece) => sum + piece.byteLength, 0);
  if (reply.status < 400 || bytes > LIMIT || reply.stream !== undefined) return reply;
  const value = parse(reply.body);
  if (isObject(value) && 'error' in value) return reply;
  const fields = isObject(value)
    ? value
    : { message: Buffer.concat(reply.body).toString('utf8') || `status ${reply.status}` };
  const headers = reply.headers.filter(([name]) => name.toLowerCase() !== 'content-type');
  return {
    ...reply,
    headers: [['content-type', 'application/json'], ...headers],
    body: [renderJson({ error: fields['message'] ?? `status ${reply.status}`, ...fields })],
  };
}
