import type { JobReply } from './model-runtime.js';

/** The reply with all of its body, once the last part of a streamed one has come. Rejects with what breaks the stream. */
export async function collectReply(reply: JobReply): Promise<JobReply> {
  const { stream, streamedBytes: _counted, ...whole } = reply;
  if (stream === undefined) return reply;
  const body = [...reply.body];
  for await (const part of stream) body.push(...part);
  return { ...whole, body };
}
