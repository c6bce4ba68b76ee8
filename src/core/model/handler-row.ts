import type { EisenError } from '../errors/error.js';
import type { Fields } from '../tensor/value.js';

/** One request of a batch, as it came. */
export interface HandlerRow {
  readonly requestId?: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly parameters: readonly {
    readonly name: string;
    readonly contentType: string;
    readonly value: Uint8Array;
  }[];
}

/** Milliseconds of the five stages of one row; a stage that several rows share is told to each of them. */
export interface StageTimes {
  decode: number;
  preProcess: number;
  inference: number;
  postProcess: number;
  encode: number;
}

/** A row that was answered. */
export interface HandlerReply {
  readonly contentType: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: readonly Uint8Array[];
}

/** What became of one row; a failed row never says anything about its neighbours. */
export type HandlerResult = { readonly stages: StageTimes } & (
  | { readonly reply: HandlerReply; readonly error?: undefined }
  | { readonly error: EisenError; readonly reply?: undefined }
);

/** The value of a header whatever its letters' case; undefined when absent. */
export function findHeader(row: HandlerRow, name: string): string | undefined {
  for (const [key, value] of row.headers) {
    if (key.length === name.length && key.toLowerCase() === name) return value;
  }
  return undefined;
}

/** A decoded body: the wire it came on decides the form of a reply that nobody has asked for by Accept. */
export interface DecodedBody {
  readonly fields: Fields;
  readonly wire: 'msgpack' | 'json' | 'pickle' | 'file' | 'form' | 'protocol';
  /** The volume that came was gzipped; a NIfTI reply then is as well. */
  readonly gzipped: boolean;
  /** Of a protocol whose replies have a form of their own: renders the declared outputs in it, whatever Accept says. */
  readonly encode?: (outputs: Fields) => HandlerReply;
}
