import { expect, it } from '@jest/globals';
import {
  createPythonLauncher,
  findTorchServe,
  PARENT_GUARD,
} from '../../../../src/core/serving/pool/python-launcher.js';

const options = {
  python: '/usr/bin/python3.11',
  torchServeFolder: '/site/ts',
  socketFolder: '/run/eisen',
  modelFolder: '/run/eisen/archive-1',
  modelName: 'old',
  handler: 'handlers.py',
  batchSize: 4,
  env: {
    PYTHONPATH: '/mine',
    PATH: '/bin',
    SECRET_TOKEN: 'x',
    TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD: '1',
    OMP_NUM_THREADS: '3',
  },
};
const launcher = createPythonLauncher(options);
const plan = launcher.plan({ workerId: '9007', folder: '/run/eisen/worker-2', threads: 2 });

it("starts TorchServe's worker on a socket that is numbered as the worker", () => {
  expect(plan.command).toBe('/usr/bin/python3.11');
  expect(plan.args.slice(0, 3)).toEqual(['-c', PARENT_GUARD, String(process.pid)]);
  expect(plan.args.slice(3)).toEqual([
    '/site/ts/model_service_worker.py',
    ...['--sock-type', 'unix', '--sock-name', '/run/eisen/.ts.sock.9007'],
    ...['--metrics-config', '/site/ts/configs/metrics.yaml'],
  ]);
  expect(plan.channel).toEqual({
    kind: 'socket',
    path: '/run/eisen/.ts.sock.9007',
    readyLine: 'Torch worker started.',
  });
});

it('hands the metrics file of the configuration on: the handler asks it for the dimensions of what it measures', () => {
  const request = { workerId: '9007', folder: '/run/eisen/worker-2', threads: 2 };
  const { args } = createPythonLauncher({ ...options, metricsFile: '/site/metrics.yaml' }).plan(request);
  expect(args.slice(-2)).toEqual(['--metrics-config', '/site/metrics.yaml']);
});

it('puts the archive and the installed package on the module path, and works in the unpacked archive', () => {
  expect(plan.env['PYTHONPATH']).toBe('/mine:/run/eisen/archive-1:/site');
  expect(plan.cwd).toBe('/run/eisen/archive-1');
  expect(plan.load).toMatchObject({
    modelDir: '/run/eisen/archive-1',
    handler: 'handlers.py',
    batchSize: 4,
    gpuId: -1,
  });
});

it('passes on what steers Python and torch, and no secret', () => {
  expect(plan.env).toMatchObject({ TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD: '1', OMP_NUM_THREADS: '3', PATH: '/bin' });
  expect(plan.env).not.toHaveProperty('SECRET_TOKEN');
});

it('sends one message at a time: the worker reads no ahead', () => {
  expect(launcher.pipelineDepth).toBe(1);
});

it('says what to install when the interpreter is not there or has no TorchServe', async () => {
  await expect(findTorchServe('/no/such/python')).rejects.toMatchObject({
    code: 'WORKER_START_FAILED',
    details: { hint: expect.stringContaining('pip install torchserve') },
  });
  await expect(findTorchServe(process.execPath)).rejects.toMatchObject({ code: 'WORKER_START_FAILED' });
});
