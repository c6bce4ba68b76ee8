/**
 * What a key does here. `match`: as the peer. `map`: its nearest counterpart. `improve`: as the peer with a safer or larger
 * default. `ignore`: accepted without effect; the note says why. `own`: a key the peer does not know.
 */
export type KeyVerdict = 'match' | 'map' | 'improve' | 'ignore' | 'own';

export interface ConfigKey {
  readonly name: string;
  readonly verdict: KeyVerdict;
  /** The environment variable that overrides the key when `enable_envvars_config=true`; null: none does. */
  readonly env: string | null;
  /** Why it is ignored, or what it does, in one line. */
  readonly note: string;
}

const JAVA = 'tunes the Java server, which is not here';
const TORCH = 'tunes torch, which is not here';
const GRPC = 'there is no gRPC listener';

const ROWS: readonly (readonly [name: string, verdict: KeyVerdict, note: string, env?: string | null])[] = [
  ['inference_address', 'match', 'where the inference API listens'],
  ['management_address', 'match', 'where the management API listens; `none` serves none'],
  ['metrics_address', 'match', 'where the metrics API listens; `none` serves none'],
  ['model_store', 'match', 'folder of archives'],
  ['workflow_store', 'match', 'accepted for its checks; there are no workflows'],
  ['load_models', 'match', 'models loaded at start: ALL or a list of [name=]url'],
  ['models', 'match', 'JSON of settings a model version', null],
  ['model_snapshot', 'match', 'JSON of models to restore at start', null],
  ['default_workers_per_model', 'improve', 'workers a model; 0 is one worker with all cores'],
  ['default_response_timeout', 'match', 'seconds'],
  ['default_startup_timeout', 'match', 'seconds'],
  ['unregister_model_timeout', 'match', 'seconds'],
  ['job_queue_size', 'match', 'waiting jobs a model version'],
  ['max_request_size', 'improve', 'bytes of a request body'],
  ['max_response_size', 'improve', 'bytes of a reply'],
  ['decode_input_request', 'match', 'false hands Python handlers raw bytes'],
  ['service_envelope', 'map', 'envelope of legacy handlers: body, json, kserve, kservev2'],
  ['default_service_handler', 'map', 'handler of archives that name none'],
  ['allowed_urls', 'improve', 'patterns of URLs that may be registered; none by default'],
  ['use_env_allowed_urls', 'match', 'lets TS_ALLOWED_URLS win', null],
  ['enable_model_api', 'match', 'allows register and unregister'],
  ['disable_token_authorization', 'improve', 'true: no tokens; false: tokens on loopback too'],
  ['token_expiration_min', 'match', 'minutes a token lives', 'TS_TOKEN_EXPIRATION_TIME_MIN'],
  ['cors_allowed_origin', 'improve', 'enables CORS, with a real preflight'],
  ['cors_allowed_methods', 'improve', 'methods of the preflight'],
  ['cors_allowed_headers', 'improve', 'headers of the preflight'],
  ['keystore', 'match', 'PKCS12 file for https'],
  ['keystore_pass', 'match', 'its passphrase'],
  ['keystore_type', 'match', 'PKCS12; JKS is refused'],
  ['private_key_file', 'improve', 'PEM key for https'],
  ['certificate_file', 'improve', 'PEM certificate for https'],
  ['enable_metrics_api', 'match', 'false: no metrics API'],
  ['metrics_mode', 'improve', 'prometheus by default'],
  ['metrics_config', 'match', 'YAML file of the metrics, their types and dimensions; without it all of the peer'],
  ['model_metrics_auto_detect', 'map', 'keeps metrics that the metrics file does not name'],
  ['disable_system_metrics', 'map', 'true: no metrics of the machine'],
  ['metric_time_interval', 'map', 'seconds between two looks at the machine', null],
  ['blacklist_env_vars', 'map', 'pattern of names that workers do not get'],
  ['enable_envvars_config', 'match', 'lets TS_* variables win', null],
  ['debug', 'map', 'one worker and no timeouts'],
  ['initial_worker_port', 'map', 'first worker id'],
  ['limit_max_image_pixels', 'map', 'told to Python handlers'],
  ['python', 'map', 'interpreter of archives that bring their own code'],
  ['number_of_gpu', 'ignore', 'choose the execution provider with --device', null],
  ['ts_open_inference_protocol', 'ignore', 'always on', 'TS_OPEN_INFERENCE_PROTOCOL'],
  ['grpc_inference_address', 'ignore', GRPC],
  ['grpc_management_address', 'ignore', GRPC],
  ['grpc_inference_port', 'ignore', GRPC],
  ['grpc_management_port', 'ignore', GRPC],
  ['grpc_inference_max_connection_age_ms', 'ignore', GRPC],
  ['grpc_inference_max_connection_age_grace_ms', 'ignore', GRPC],
  ['grpc_management_max_connection_age_ms', 'ignore', GRPC],
  ['grpc_management_max_connection_age_grace_ms', 'ignore', GRPC],
  ['enable_grpc_ssl', 'ignore', GRPC],
  ['ts_header_key_sequence_id', 'ignore', 'there is no sequence batching', 'TS_HEADER_KEY_SEQUENCE_ID'],
  ['ts_header_key_sequence_start', 'ignore', 'there is no sequence batching', 'TS_HEADER_KEY_SEQUENCE_START'],
  ['ts_header_key_sequence_end', 'ignore', 'there is no sequence batching', 'TS_HEADER_KEY_SEQUENCE_END'],
  ['install_py_dep_per_model', 'ignore', 'a requirements file inside an archive is never installed'],
  ['system_metrics_cmd', 'ignore', 'metrics of the machine need no command', null],
  ['plugins_path', 'ignore', JAVA, null],
  ['vmargs', 'ignore', JAVA, null],
  ['async_logging', 'ignore', JAVA],
  ['number_of_netty_threads', 'ignore', JAVA],
  ['netty_client_threads', 'ignore', JAVA],
  ['prefer_direct_buffer', 'ignore', JAVA],
  ['use_native_io', 'ignore', JAVA, null],
  ['io_ratio', 'ignore', JAVA, null],
  ['initial_distribution_port', 'ignore', TORCH],
  ['cpu_launcher_enable', 'ignore', TORCH],
  ['cpu_launcher_args', 'ignore', TORCH],
  ['ipex_enable', 'ignore', TORCH],
  ['ipex_gpu_enable', 'ignore', TORCH],
  ['cpp_log_config', 'ignore', TORCH],
  ['model_server_home', 'ignore', 'the workers are part of this program'],
  ['enable_token_authorization', 'own', 'true: tokens on loopback too'],
  ['token_failure_status', 'own', '400 as the peer, or 401'],
  ['public_metrics', 'own', 'true: metrics and API description need no token'],
  ['inference_token', 'own', 'a fixed inference token'],
  ['management_token', 'own', 'a fixed management token'],
  ['allow_private_urls', 'own', 'true: URLs may lead to private addresses'],
  ['dangerously_expose_management', 'own', 'true: management off loopback without token and TLS'],
  ['max_connections', 'own', 'open connections'],
  ['drain_grace', 'own', 'seconds a stop waits for accepted requests'],
  ['device', 'own', 'execution provider of the inference engine'],
  ['worker_memory_limit', 'own', 'bytes at which a worker is replaced'],
  ['recycle_after_jobs', 'own', 'jobs after which a worker is replaced; 0 never'],
  ['self_test_models', 'own', 'true: a worker answers the sample of its archive before it is ready'],
  [
    'prepack_weights',
    'own',
    'auto, always or never: weights laid out anew at load, faster for matrix products, not shared',
  ],
  ['allow_archive_code', 'own', 'true: code inside archives may run'],
  ['log_format', 'own', 'text or json'],
  ['log_rotate_size', 'own', 'bytes of a log file before it is rotated'],
  ['log_rotate_files', 'own', 'rotated files kept'],
];

/** Every key a configuration may hold, by name. */
export const CONFIG_KEYS: ReadonlyMap<string, ConfigKey> = new Map(
  ROWS.map(([name, verdict, note, env]) => [
    name,
    { name, verdict, note, env: env === undefined ? `TS_${name.toUpperCase()}` : env },
  ]),
);
