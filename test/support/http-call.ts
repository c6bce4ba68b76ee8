import http from 'node:http';

export interface CallResult {
  /** 0 when no reply came: refused, reset or ended early. */
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  readonly elapsedMs: number;
}

/** One HTTP call that never rejects: a connection that fails is a result with status 0. */
export function call(
  url: string,
  options: {
    readonly method?: string;
    readonly headers?: http.OutgoingHttpHeaders;
    readonly body?: string;
    readonly agent?: http.Agent;
  } = {},
): Promise<CallResult> {
  const started = performance.now();
  return new Promise((resolve) => {
    const finish = (status: number, headers: http.IncomingHttpHeaders, body: string): void =>
      resolve({ status, headers, body, elapsedMs: performance.now() - started });
    const { body, ...rest } = options;
    const request = http.request(url, { method: body === undefined ? 'GET' : 'POST', ...rest }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => finish(response.statusCode ?? 0, response.headers, Buffer.concat(chunks).toString()));
      response.once('error', (error) => finish(0, {}, error.message));
    });
    request.once('error', (error) => finish(0, {}, error.message));
    request.end(body);
  });
}
