import type { Prepacking } from '../../model/prepacking.js';
import type { ApiKind, ListenAddress } from './listen-address.js';
import type { ModelOverrides } from './model-overrides.js';

/** Where the certificate of https listeners comes from. */
export type TlsSource =
  | { readonly kind: 'pkcs12'; readonly path: string; readonly passphrase: string }
  | { readonly kind: 'pem'; readonly keyPath: string; readonly certificatePath: string };

/** One item of `load_models`: `[name=]url`. */
export interface StartupModel {
  /** Null: the manifest's name. */
  readonly name: string | null;
  readonly url: string;
}

export interface TokenConfig {
  /** Which listeners ask for a bearer token. */
  readonly required: Readonly<Record<ApiKind, boolean>>;
  readonly expirationMs: number;
  /** Where `key_file.json` is written. */
  readonly keyFile: string;
  /** Tokens given by the operator; those are not written to the key file and never expire. */
  readonly fixed: { readonly inference: string | null; readonly management: string | null };
  /** 400 as the peer answers, or 401 as HTTP means it. */
  readonly failureStatus: 400 | 401;
}

export interface LogConfig {
  readonly folder: string;
  readonly metricsFolder: string;
  readonly form: 'text' | 'json';
  /** A log file over this size is renamed to `<name>.1` and so on. */
  readonly rotateBytes: number;
  readonly rotateFiles: number;
}

export interface CorsConfig {
  readonly allowedOrigin: string;
  readonly allowedMethods: string | null;
  readonly allowedHeaders: string | null;
}

/** Everything the operator can decide about a server, parsed once; no other module reads properties, flags or the environment. */
export interface ServerConfig {
  /** Equal addresses share one listener (see isSameAddress). */
  readonly inferenceAddress: ListenAddress;
  /** Null: the API is not served at all. */
  readonly managementAddress: ListenAddress | null;
  readonly metricsAddress: ListenAddress | null;
  /** Absolute paths. */
  readonly modelStore: string;
  readonly workflowStore: string;
  /** `ALL`: every archive and folder of the store. */
  readonly loadModels: 'ALL' | readonly StartupModel[];
  /** Settings a model version starts with, from the key `models`. */
  readonly modelOverrides: ModelOverrides;
  /** The JSON text of `model_snapshot` when a configuration that is to be restored carries one. */
  readonly modelSnapshot: string | null;
  /** Whether snapshots are written. */
  readonly writeSnapshots: boolean;
  /** 0: our own default (one worker a model, all cores as its threads). */
  readonly defaultWorkersPerModel: number;
  readonly defaultResponseTimeoutMs: number;
  readonly defaultStartupTimeoutMs: number;
  readonly unregisterModelTimeoutMs: number;
  readonly jobQueueSize: number;
  readonly maxRequestBytes: number;
  readonly maxResponseBytes: number;
  readonly maxConnections: number;
  /** How long a drain waits for accepted requests before it closes what is left. */
  readonly drainGraceMs: number;
  /** First worker id. */
  readonly initialWorkerPort: number;
  /** False: a Python handler gets a JSON or text body as raw bytes. */
  readonly decodeInputRequest: boolean;
  /** Null, or how a KServe style body is unwrapped for legacy handlers. */
  readonly serviceEnvelope: 'body' | 'json' | 'kserve' | 'kservev2' | null;
  /** The handler of archives whose manifest names none. */
  readonly defaultServiceHandler: string | null;
  readonly limitMaxImagePixels: boolean;
  /** Full-match, case-insensitive patterns of URLs that may be registered; empty: the model store only. */
  readonly allowedUrls: readonly RegExp[];
  /** Whether a URL may lead to a private, loopback or link-local address. */
  readonly allowPrivateUrls: boolean;
  readonly enableModelApi: boolean;
  readonly tokens: TokenConfig;
  readonly tls: TlsSource | null;
  readonly cors: CorsConfig | null;
  readonly metricsMode: 'log' | 'prometheus' | 'legacy';
  /** Absolute path of the YAML file that lists the metrics; null: those of the peer. */
  readonly metricsFile: string | null;
  readonly modelMetricsAutoDetect: boolean;
  readonly systemMetrics: boolean;
  readonly systemMetricsIntervalMs: number;
  /** Names of environment variables that workers do not get (full match). */
  readonly blockedWorkerEnv: RegExp | null;
  /** One worker a model and no timeouts. */
  readonly debug: boolean;
  /** `cpu`, or an execution provider of the inference engine. */
  readonly device: string;
  /** Null: a third of the machine's or cgroup's memory. */
  readonly workerMemoryLimitBytes: number | null;
  /** 0: a worker is never replaced for its age. */
  readonly recycleAfterJobs: number;
  /** Whether a worker answers the sample of its archive before it counts as ready. */
  readonly selfTestModels: boolean;
  /** Whether workers lay weights of matrix products out anew at load. */
  readonly prepackWeights: Prepacking;
  /** Whether code inside archives may run, in the given Python interpreter. */
  readonly allowArchiveCode: boolean;
  readonly pythonCommand: string;
  readonly logs: LogConfig;
  /** The effective configuration under the peer's names, for snapshots. */
  readonly properties: ReadonlyMap<string, string>;
}
