import http from 'node:http';

export interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One POST with a body of known length and exactly these headers. */
export function post(url: string, body: Uint8Array, headers: http.OutgoingHttpHeaders): Promise<Reply> {
  return request('POST', url, body, headers);
}

export function request(
  method: string,
  url: string,
  body: Uint8Array,
  headers: http.OutgoingHttpHeaders,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const call = http.request(
      url,
      { method, agent: false, timeout: 240_000, headers: { 'content-length': body.byteLength, ...headers } },
      (reply) => {
        const pieces: Buffer[] = [];
        reply.on('data', (piece: Buffer) => pieces.push(piece));
        reply.on('end', () =>
          resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: Buffer.concat(pieces) }),
        );
        reply.on('error', reject);
      },
    );
    call.on('timeout', () => call.destroy(new Error(`${url} did not answer in time`)));
    call.on('error', reject);
    call.end(body);
  });
}
