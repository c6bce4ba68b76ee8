/** What a worker loads: the first message on its channel. */
export interface LoadFrame {
  readonly modelName: string;
  /** A folder for Python workers; our own also opens a MAR in place. */
  readonly modelDir: string;
  readonly batchSize: number;
  /** Empty: the worker's own handler. */
  readonly handler: string;
  /** -1: CPU. */
  readonly gpuId: number;
  readonly envelope: string;
  readonly limitMaxImagePixels: boolean;
}

export type Header = readonly [string, string];

/** One row of a PREDICT message as a worker reads it. */
export interface RequestRow {
  readonly requestId: string;
  readonly headers: readonly Header[];
  readonly parameters: readonly {
    readonly name: string;
    readonly contentType: string;
    readonly value: Uint8Array;
  }[];
}

/** One row as the server writes it: the value still in the pieces in which it arrived. */
export interface OutgoingRow {
  readonly requestId: string;
  readonly headers: readonly Header[];
  readonly parameters: readonly {
    readonly name: string;
    readonly contentType: string;
    readonly value: readonly Uint8Array[];
  }[];
}

/** One row of a reply, body in pieces on both sides. */
export interface ReplyRow {
  readonly requestId: string;
  readonly contentType: string;
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly Header[];
  readonly body: readonly Uint8Array[];
  /** Only on a body that is handed on while it arrives: this row holds a part of it. */
  readonly part?: { readonly totalBytes: number; readonly isLast: boolean };
}

/** A reply to LOAD (no rows) or PREDICT. When `code` is not 200 the rows say nothing: all jobs of the batch failed so. */
export interface ReplyFrame {
  readonly code: number;
  readonly message: string;
  readonly rows: readonly ReplyRow[];
}

export const LOAD_COMMAND = 'L'.charCodeAt(0);
export const PREDICT_COMMAND = 'I'.charCodeAt(0);
export const END_OF_LIST = -1;

/** More of the same reply follows while this header says `true`; the last part says `false`. */
export const STREAM_HEADER = 'ts_stream_next';
