/** What a route answers: data, not yet on the wire. */
export interface Reply {
  readonly status: number;
  /** Absent: the usual phrase of the status. An empty one is sent as empty. */
  readonly reason?: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: readonly Uint8Array[];
  /** Further parts, sent as they come. */
  readonly stream?: AsyncIterable<readonly Uint8Array[]>;
  /** The length of body and stream together; where it is not known the reply travels in chunks. */
  readonly streamedBytes?: number;
  /** The connection is kept although the status is 400 or more. */
  readonly keepsConnection?: boolean;
}

const JSON_HEADERS: Reply['headers'] = [['content-type', 'application/json']];

/** Two blanks of indent and a newline at the end, as TorchServe prints JSON. */
export function renderJson(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`, 'utf8');
}

export function jsonReply(status: number, value: unknown, headers: Reply['headers'] = []): Reply {
  return {
    status,
    headers: headers.length === 0 ? JSON_HEADERS : [...JSON_HEADERS, ...headers],
    body: [renderJson(value)],
  };
}

/** TorchServe's reply to an operation that worked: one sentence under `status`. */
export function statusReply(sentence: string, status = 200): Reply {
  return jsonReply(status, { status: sentence });
}
