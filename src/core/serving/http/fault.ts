/** What a request or work in the background met that its client cannot mend. */
export interface Fault {
  /** null: in the background. */
  readonly requestId: string | null;
  readonly error: unknown;
  /** The status had left when it came: the client saw its reply break off, and the access log has the status. */
  readonly isCutOff?: boolean;
}
