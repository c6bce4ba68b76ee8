/** What the command line of `serve` says, undefined where it says nothing. Names follow the flags. */
export interface ServeFlags {
  readonly modelStore?: string;
  readonly workflowStore?: string;
  /** Items `[name=]url`, or `ALL`. */
  readonly models?: readonly string[];
  readonly noConfigSnapshots?: boolean;
  readonly disableTokenAuth?: boolean;
  readonly enableTokenAuth?: boolean;
  readonly enableModelApi?: boolean;
  /** One address for all APIs: `port` alone listens on loopback. */
  readonly host?: string;
  readonly port?: string;
  readonly noManagement?: boolean;
  readonly publicMetrics?: boolean;
  readonly device?: string;
  readonly allowArchiveCode?: boolean;
  readonly python?: string;
  readonly logFormat?: string;
  readonly dangerouslyExposeManagement?: boolean;
}
