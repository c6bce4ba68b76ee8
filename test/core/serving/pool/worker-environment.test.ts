import { describe, expect, it } from '@jest/globals';
import { createNodeLauncher, workerEnvironment } from '../../../../src/core/serving/pool/node-launcher.js';

describe('the environment of a worker', () => {
  it('carries no secret of the server', () => {
    const env = workerEnvironment({ PATH: '/bin', TS_INFERENCE_TOKEN: 'secret', AWS_SECRET_ACCESS_KEY: 'secret' });
    expect(env['PATH']).toBe('/bin');
    expect(JSON.stringify(env)).not.toContain('secret');
  });

  it('keeps the inference engine from reporting to its makers', () => {
    expect(workerEnvironment({})['ORT_DISABLE_TELEMETRY']).toBe('1');
  });

  it('gives the worker a folder of its own for scratch files', () => {
    const launcher = createNodeLauncher({
      modelName: 'm',
      archivePath: 'm.mar',
      batchSize: 1,
      env: { TMPDIR: '/tmp' },
    });
    const { env, cwd } = launcher.plan({ workerId: '9000', folder: '/run/w', threads: 1 });
    expect(env['TMPDIR']).toBe('/run/w');
    expect(cwd).toBe('/run/w');
  });
});
