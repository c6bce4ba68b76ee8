/** One line of the access log, as facts. */
export interface AccessRecord {
  /** `address:port`, or `unix`. */
  readonly remote: string;
  readonly method: string;
  readonly target: string;
  readonly protocol: string;
  readonly status: number;
  readonly elapsedMs: number;
  readonly requestId: string;
}
