import type { Metadata } from '../../core/metadata/metadata.js';

/** What answers a prediction: a server, or a worker of our own. Both take the same bytes and give the same bytes. */
export interface Predictor {
  /** For people: who is asked. */
  readonly label: string;
  metadata(signal?: AbortSignal): Promise<Metadata>;
  /** Sends a msgpack body and gives the reply as files or fields; throws what the error table names. */
  predict(request: PredictRequest): Promise<PredictReply>;
  close(): Promise<void>;
}

export interface PredictRequest {
  readonly body: readonly Uint8Array[];
  readonly accept: string;
  readonly signal?: AbortSignal;
}

export interface PredictReply {
  /** '' when nothing was said of it, as TorchServe does. */
  readonly contentType: string;
  readonly body: Uint8Array;
  /** How many numbers of each output of the model are NaN or infinite; outputs without any are left out. */
  readonly nonFinite: ReadonlyMap<string, number>;
}
