import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { EisenError } from '../../../../src/core/errors/error.js';
import type { ServerConfig } from '../../../../src/core/serving/config/server-config.js';
import { loadStartupModels } from '../../../../src/core/serving/lifecycle/startup-models.js';
import { createRegistry } from '../../../../src/core/serving/registry.js';
import { createScratchFolder } from '../../../support/scratch-folder.js';
import { fakeModel } from '../http/fake-model.js';

const scratch = createScratchFolder();

it('tells the operator why the workers of a model did not start', async () => {
  const modelStore = path.join(scratch, 'store');
  mkdirSync(modelStore);
  writeFileSync(path.join(modelStore, 'noop.mar'), '');
  const lines: string[] = [];
  const scale = () => Promise.reject(new EisenError('WORKER_START_FAILED', 'the worker ended: no such library'));
  const { runtime } = fakeModel({ runtime: { scale } });
  const failed = await loadStartupModels(
    {
      loadModels: [{ name: null, url: 'noop.mar' }],
      modelStore,
      defaultWorkersPerModel: 0,
      modelOverrides: new Map(),
    } as unknown as ServerConfig,
    {
      registry: createRegistry(),
      createModel: async () => ({ runtime, runtimeName: 'python', wantedWorkers: undefined }) as never,
      rules: { modelStore, allowedUrls: [], allowPrivateUrls: false },
    },
    ({ error }) => lines.push(String((error as Error).message)),
  );
  expect(failed).toHaveLength(1);
  expect(lines).toEqual(['Failed to start workers for model noop version: 1.0: the worker ended: no such library']);
});
