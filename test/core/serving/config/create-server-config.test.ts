import { describe, expect, it } from '@jest/globals';
import { CONFIG_KEYS } from '../../../../src/core/serving/config/config-keys.js';
import { createServerConfig, parseLoadModels } from '../../../../src/core/serving/config/create-server-config.js';
import { renderListenAddress } from '../../../../src/core/serving/config/listen-address.js';
import { parseProperties } from '../../../../src/core/serving/config/properties.js';
import type { ServeFlags } from '../../../../src/core/serving/config/serve-flags.js';
import type { ServerConfig } from '../../../../src/core/serving/config/server-config.js';

function create(text = '', flags: ServeFlags = {}, env: Record<string, string> = {}) {
  return createServerConfig({
    properties: parseProperties(`model_store=store\n${text}`, 'config.properties'),
    env,
    flags,
    cwd: '/home/op',
  });
}

describe('the configuration of a server', () => {
  it('has safe and generous defaults', () => {
    const { config, warnings } = create();
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      modelStore: '/home/op/store',
      workflowStore: '/home/op/store',
      loadModels: [],
      defaultResponseTimeoutMs: 120_000,
      jobQueueSize: 100,
      maxRequestBytes: 4 * 1024 ** 3,
      enableModelApi: false,
      allowedUrls: [],
      metricsMode: 'prometheus',
      writeSnapshots: true,
      allowArchiveCode: false,
      device: 'cpu',
      tls: null,
      cors: null,
    });
    expect(config.tokens).toMatchObject({
      required: { inference: false, management: false, metrics: false },
      expirationMs: 3_600_000,
      keyFile: '/home/op/key_file.json',
      failureStatus: 400,
    });
    expect(renderListenAddress(config.inferenceAddress)).toBe('http://127.0.0.1:8080');
    expect(config.managementAddress && renderListenAddress(config.managementAddress)).toBe('http://127.0.0.1:8081');
    expect(config.metricsAddress && renderListenAddress(config.metricsAddress)).toBe('http://127.0.0.1:8082');
    expect(config.logs).toMatchObject({ folder: '/home/op/logs', form: 'text' });
  });

  const rows: [key: string, value: string, expected: Partial<Record<keyof ServerConfig, unknown>>][] = [
    ['default_workers_per_model', '3', { defaultWorkersPerModel: 3 }],
    ['default_response_timeout', '7', { defaultResponseTimeoutMs: 7000 }],
    ['default_startup_timeout', '0', { defaultStartupTimeoutMs: 0 }],
    ['unregister_model_timeout', '1', { unregisterModelTimeoutMs: 1000 }],
    ['job_queue_size', '5', { jobQueueSize: 5 }],
    ['max_request_size', '6553500', { maxRequestBytes: 6_553_500 }],
    ['max_response_size', '12', { maxResponseBytes: 12 }],
    ['decode_input_request', 'False', { decodeInputRequest: false }],
    ['service_envelope', 'KServe', { serviceEnvelope: 'kserve' }],
    ['default_service_handler', 'h.py:f', { defaultServiceHandler: 'h.py:f' }],
    ['enable_model_api', 'true', { enableModelApi: true }],
    ['workflow_store', '/w', { workflowStore: '/w' }],
    ['load_models', 'all', { loadModels: 'ALL' }],
    ['cors_allowed_origin', '*', { cors: { allowedOrigin: '*', allowedMethods: null, allowedHeaders: null } }],
    ['metrics_mode', ' Prome theus', { metricsMode: 'prometheus' }],
    ['model_metrics_auto_detect', 'true', { modelMetricsAutoDetect: true }],
    ['disable_system_metrics', 'true', { systemMetrics: false }],
    ['metric_time_interval', '5', { systemMetricsIntervalMs: 5000 }],
    ['enable_metrics_api', 'false', { metricsAddress: null }],
    ['metrics_address', 'none', { metricsAddress: null }],
    ['management_address', 'none', { managementAddress: null }],
    ['initial_worker_port', '9500', { initialWorkerPort: 9500 }],
    ['limit_max_image_pixels', 'false', { limitMaxImagePixels: false }],
    ['python', '/usr/bin/python3.11', { pythonCommand: '/usr/bin/python3.11' }],
    ['max_connections', '9', { maxConnections: 9 }],
    ['drain_grace', '2', { drainGraceMs: 2000 }],
    ['device', 'cuda', { device: 'cuda' }],
    ['worker_memory_limit', '1073741824', { workerMemoryLimitBytes: 1_073_741_824 }],
    ['recycle_after_jobs', '50', { recycleAfterJobs: 50 }],
    ['self_test_models', 'true', { selfTestModels: true }],
    ['prepack_weights', 'never', { prepackWeights: 'never' }],
    ['allow_archive_code', 'true', { allowArchiveCode: true }],
    ['allow_private_urls', 'true', { allowPrivateUrls: true }],
    ['model_snapshot', '{}', { modelSnapshot: '{}' }],
    ['keystore', 'k.p12', { tls: { kind: 'pkcs12', path: '/home/op/k.p12', passphrase: 'changeit' } }],
    ['debug', 'true', { debug: true, defaultWorkersPerModel: 1, defaultResponseTimeoutMs: 2 ** 31 - 1 }],
  ];
  it.each(rows)('reads %s=%s', (key, value, expected) => {
    const { config, warnings } = create(`${key}=${value}`);
    expect(config).toMatchObject(expected);
    expect(warnings).toEqual([]);
  });

  const wrong: [text: string, message: string][] = [
    ['job_queue_size=ten', "job_queue_size: found 'ten'; expected an integer >= 1"],
    ['job_queue_size=', "job_queue_size: found ''"],
    ['max_request_size=-1', "max_request_size: found '-1'"],
    ['enable_model_api=yes', "enable_model_api: found 'yes'; expected true or false."],
    ['service_envelope=soap', "service_envelope: found 'soap'; expected one of body, json"],
    ['inference_address=nowhere', 'Invalid binding address: nowhere'],
    ['inference_address=https://127.0.0.1:8443', 'an https address needs a certificate'],
    ['keystore=k\nkeystore_type=JKS', "keystore_type: found 'JKS'; expected PKCS12."],
    ['private_key_file=k.pem', 'certificate_file: found'],
    ['certificate_file=c.pem', 'private_key_file: found'],
    ['allowed_urls=(', "allowed_urls: found '('; expected a regular expression"],
    ['blacklist_env_vars=[', 'blacklist_env_vars'],
    ['models=[]', 'models: found []; expected a JSON object.'],
    ['models={', 'models: not JSON'],
    ['load_models=$$EISEN_NOT_SET$$', 'Invalid Environment Variable EISEN_NOT_SET'],
    ['log_format=xml', "log_format: found 'xml'; expected one of text, json."],
    ['token_failure_status=403', 'token_failure_status'],
    ['worker_memory_limit=1', 'worker_memory_limit'],
  ];
  it.each(wrong)('stops at %s with one clear line', (text, message) => {
    expect(() => create(text)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(/^[^\n]*$/) }),
    );
    expect(() => create(text)).toThrow(message);
  });

  it('stops without a model store', () => {
    const input = { properties: new Map<string, string>(), env: {}, flags: {}, cwd: '/' };
    expect(() => createServerConfig(input)).toThrow('Missing mandatory parameter --model-store');
  });

  it('warns of an unknown key and names the nearest one', () => {
    expect(create('job_que_size=3').warnings).toEqual([
      "unknown configuration key 'job_que_size' is ignored. Did you mean 'job_queue_size'?",
    ]);
    expect(create('zzzzqqqq=3').warnings).toEqual(["unknown configuration key 'zzzzqqqq' is ignored."]);
  });

  it('warns of every key without an effect, once, and says why', () => {
    const ignored = [...CONFIG_KEYS.values()].filter((key) => key.verdict === 'ignore');
    expect(ignored.length).toBeGreaterThan(20);
    for (const { name, note } of ignored) {
      expect(create(`${name}=1`).warnings).toEqual([`configuration key '${name}' has no effect: ${note}.`]);
    }
  });

  it('falls back as the peer does for two keys, and says so', () => {
    const { config, warnings } = create('metrics_mode=loud\ntoken_expiration_min=soon');
    expect(config.metricsMode).toBe('log');
    expect(config.tokens.expirationMs).toBe(3_600_000);
    expect(warnings).toHaveLength(2);
  });

  it('matches a URL pattern as a whole and in any letter case', () => {
    const [pattern] = create('allowed_urls=https://models\\\\.example/.*').config.allowedUrls;
    expect(pattern!.test('HTTPS://models.example/a.mar')).toBe(true);
    expect(pattern!.test('https://evil/?https://models.example/a.mar')).toBe(false);
  });

  it('reads settings of model versions and drops numbers that are not positive integers', () => {
    const json = JSON.stringify({
      brain: {
        '1.0': {
          minWorkers: 2,
          maxWorkers: 0,
          batchSize: '4',
          maxBatchDelay: 50,
          responseTimeout: 9,
          marName: 'b.mar',
        },
      },
    });
    expect(create(`models=${json}`).config.modelOverrides.get('brain')?.get('1.0')).toEqual({
      minWorkers: 2,
      maxBatchDelayMs: 50,
      responseTimeoutMs: 9000,
      marName: 'b.mar',
    });
  });

  it('reads load_models as names and urls', () => {
    expect(parseLoadModels('brain.mar, b=x/y.mar,,c=http://h/?a=b')).toEqual([
      { name: null, url: 'brain.mar' },
      { name: 'b', url: 'x/y.mar' },
      { name: 'c', url: 'http://h/?a=b' },
    ]);
  });
});

describe('precedence', () => {
  it('puts the command line over the file', () => {
    const { config } = create('load_models=a.mar', { models: ['b.mar', 'c=d.mar'], modelStore: '/other' });
    expect(config.loadModels).toEqual([
      { name: null, url: 'b.mar' },
      { name: 'c', url: 'd.mar' },
    ]);
    expect(config.modelStore).toBe('/other');
  });

  it.each([
    ['metrics_config=own/metrics.yaml', '/home/op/own/metrics.yaml'],
    ['metrics_config=/etc/metrics.yaml', '/etc/metrics.yaml'],
    ['', null],
  ])('finds the metrics file of %j from the working folder, without a warning', (text, metricsFile) => {
    expect(create(text)).toMatchObject({ config: { metricsFile }, warnings: [] });
  });

  it('puts the environment over both when the file allows it', () => {
    const env = { TS_LOAD_MODELS: 'env.mar', TS_JOB_QUEUE_SIZE: '9' };
    expect(create('enable_envvars_config=true', { models: ['b.mar'] }, env).config).toMatchObject({
      loadModels: [{ name: null, url: 'env.mar' }],
      jobQueueSize: 9,
    });
    expect(create('', { models: ['b.mar'] }, env).config).toMatchObject({ jobQueueSize: 100 });
  });

  it('takes allowed urls from the environment only when asked twice', () => {
    const env = { TS_ALLOWED_URLS: 'https://x/.*' };
    expect(create('enable_envvars_config=true', {}, env).config.allowedUrls).toHaveLength(0);
    const both = create('enable_envvars_config=true\nuse_env_allowed_urls=true', {}, env);
    expect(both.config.allowedUrls).toHaveLength(1);
  });

  it('reads the odd name of the token expiry and never the keys without a variable', () => {
    const env = { TS_TOKEN_EXPIRATION_TIME_MIN: '2', TS_MODELS: '{' };
    expect(create('enable_envvars_config=true', {}, env).config.tokens.expirationMs).toBe(120_000);
  });

  it('replaces $$NAME$$ in any value', () => {
    expect(create('load_models=$$A$$.mar,$$B$$', {}, { A: 'x', B: 'y.mar' }).config.loadModels).toEqual([
      { name: null, url: 'x.mar' },
      { name: null, url: 'y.mar' },
    ]);
  });
});

describe('exposure', () => {
  const TLS = 'private_key_file=k.pem\ncertificate_file=c.pem\n';

  it('requires a token on every listener that leaves loopback', () => {
    const { config } = create('inference_address=http://0.0.0.0:8080\nmetrics_address=http://0.0.0.0:8082');
    expect(config.tokens.required).toEqual({ inference: true, management: false, metrics: true });
  });

  it.each(['disable_token_authorization=false', 'enable_token_authorization=true'])(
    'requires tokens on loopback when asked by %s',
    (line) => {
      expect(create(line).config.tokens.required).toEqual({ inference: true, management: true, metrics: true });
    },
  );

  it('lets the operator switch tokens off, and warns off loopback', () => {
    const { config, warnings } = create('inference_address=http://0.0.0.0:80', { disableTokenAuth: true });
    expect(config.tokens.required.inference).toBe(false);
    expect(warnings).toEqual([expect.stringContaining('tokens are switched off')]);
  });

  it('lets metrics be public when asked', () => {
    const { config } = create('metrics_address=http://0.0.0.0:8082', { publicMetrics: true });
    expect(config.tokens.required.metrics).toBe(false);
  });

  it.each([
    ['clear text', 'management_address=http://0.0.0.0:8081', {}, 'without https;'],
    ['no tokens', `${TLS}management_address=https://0.0.0.0:8081`, { disableTokenAuth: true }, 'without tokens;'],
    ['neither', 'management_address=http://10.0.0.1:8081', { disableTokenAuth: true }, 'without https and tokens;'],
  ] as const)('refuses management off loopback with %s', (_, text, flags, message) => {
    expect(() => create(text, flags)).toThrow(message);
    const insisted = create(text, { ...flags, dangerouslyExposeManagement: true });
    expect(insisted.warnings).toEqual([expect.stringContaining('can manage this server')]);
  });

  it('allows management off loopback with https and tokens', () => {
    const { config, warnings } = create(`${TLS}management_address=https://0.0.0.0:8444`);
    expect(config.tokens.required.management).toBe(true);
    expect(warnings).toEqual([]);
  });

  it('puts all APIs on one port when asked', () => {
    const { config } = create('', { port: '9000' });
    expect(config.managementAddress).toBe(config.inferenceAddress);
    expect(config.metricsAddress).toBe(config.inferenceAddress);
    expect(renderListenAddress(config.inferenceAddress)).toBe('http://127.0.0.1:9000');
    const open = create(TLS, { host: '::', noManagement: true }).config;
    expect(renderListenAddress(open.inferenceAddress)).toBe('https://[::]:8080');
    expect(open.managementAddress).toBeNull();
  });

  it.each(['two words', 'a"b', 'schlüssel'])(
    'refuses a fixed token that no header can carry (%s), and does not tell it',
    (token) => {
      const make = (): unknown => create('', {}, { TS_INFERENCE_TOKEN: token });
      expect(make).toThrow(/^inference_token: found 'other characters'; expected letters/);
    },
  );

  it.each([
    ['and warns where nobody asks for it', {}, true],
    ['without a word where tokens are switched off', { disableTokenAuth: true }, false],
    ['without a word where it is asked for', { enableTokenAuth: true }, false],
  ])('takes a fixed token from the environment, %s', (_, flags, isInVain) => {
    const { config, warnings } = create('', flags, { TS_INFERENCE_TOKEN: 'abc' });
    expect(config.tokens.fixed).toEqual({ inference: 'abc', management: null });
    expect(warnings).toEqual(isInVain ? [expect.stringMatching(/^inference_token: .*--enable-token-auth/)] : []);
  });
});
