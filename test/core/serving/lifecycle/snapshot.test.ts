import { describe, expect, it } from '@jest/globals';
import { applySnapshot } from '../../../../src/core/serving/config/apply-snapshot.js';
import { checkSnapshotKeys } from '../../../../src/core/serving/config/check-snapshot.js';
import { createServerConfig } from '../../../../src/core/serving/config/create-server-config.js';
import { parseProperties } from '../../../../src/core/serving/config/properties.js';
import { createReadiness } from '../../../../src/core/serving/lifecycle/readiness.js';
import {
  newestSnapshot,
  renderSnapshot,
  type SnapshotModel,
  snapshotFileName,
} from '../../../../src/core/serving/lifecycle/snapshot.js';
import { chooseAllModels } from '../../../../src/core/serving/lifecycle/startup-models.js';

const TIME = new Date(2026, 10, 22, 18, 55, 46, 555);

function model(name: string, version: string, isDefault: boolean): SnapshotModel {
  const settings = {
    minWorkers: 1,
    maxWorkers: 2,
    batchSize: 4,
    maxBatchDelayMs: 50,
    responseTimeoutMs: 120_000,
    startupTimeoutMs: 60_000,
  };
  const runtime = { name, version, settings } as SnapshotModel['runtime'];
  return { runtime, runtimeName: 'python', marName: `${name}-${version}.mar`, isDefault };
}

function readConfig(text: string) {
  return createServerConfig({ properties: parseProperties(text, 'snapshot'), env: {}, flags: {}, cwd: '/w' }).config;
}

const PROPERTIES = new Map([
  ['model_store', 'store'],
  ['inference_address', 'http://127.0.0.1:8080'],
  ['inference_token', 'secret-one'],
  ['keystore_pass', 'secret-two'],
  ['load_models', 'noop.mar'],
]);

describe('snapshots', () => {
  it('are named by local time and kind', () => {
    expect(snapshotFileName('startup', TIME)).toBe('20261122185546555-startup.cfg');
  });

  it('are found by their names; strangers in the folder do not count', () => {
    const names = [
      '20261122185546555-startup.cfg',
      'zzz.cfg',
      '20261122185546556-shutdown.cfg',
      '20261122185546557-startup.cfg.part',
    ];
    expect(newestSnapshot(names)).toBe('20261122185546556-shutdown.cfg');
    expect(newestSnapshot(['notes.txt'])).toBeNull();
  });

  it('have the form of the peer and tell no secret', () => {
    const text = renderSnapshot({
      name: 'n.cfg',
      time: TIME,
      properties: PROPERTIES,
      models: [model('noop', '1.0', true), model('noop', '2.0', false)],
    });
    expect(text.startsWith('#Saving snapshot\n#')).toBe(true);
    expect(text).toContain('inference_address=http\\://127.0.0.1\\:8080\n');
    expect(text).not.toContain('secret');
    const json = JSON.parse(parseProperties(text, 'x').get('model_snapshot')!);
    expect(json).toEqual({
      name: 'n.cfg',
      modelCount: 2,
      created: TIME.getTime(),
      models: {
        noop: {
          '1.0': {
            defaultVersion: true,
            marName: 'noop-1.0.mar',
            minWorkers: 1,
            maxWorkers: 2,
            batchSize: 4,
            maxBatchDelay: 50,
            responseTimeout: 120,
            startupTimeout: 60,
            runtimeType: 'python',
          },
          '2.0': expect.objectContaining({ defaultVersion: false }),
        },
      },
    });
    expect(Object.keys(json.models.noop['1.0'])).toEqual([
      'defaultVersion',
      'marName',
      'minWorkers',
      'maxWorkers',
      'batchSize',
      'maxBatchDelay',
      'responseTimeout',
      'startupTimeout',
      'runtimeType',
    ]);
  });

  it('are restored: the models and their settings come back', () => {
    const text = renderSnapshot({
      name: 'n',
      time: TIME,
      properties: PROPERTIES,
      models: [model('noop', '1.0', true)],
    });
    const config = applySnapshot(readConfig(text), { modelsFromFlags: false });
    expect(config.loadModels).toEqual([{ name: 'noop', url: 'noop-1.0.mar' }]);
    expect(config.modelOverrides.get('noop')?.get('1.0')).toEqual({
      defaultVersion: true,
      marName: 'noop-1.0.mar',
      minWorkers: 1,
      maxWorkers: 2,
      batchSize: 4,
      maxBatchDelayMs: 50,
      responseTimeoutMs: 120_000,
      startupTimeoutMs: 60_000,
    });
  });

  it('lose against models that the command line names', () => {
    const text = renderSnapshot({
      name: 'n',
      time: TIME,
      properties: PROPERTIES,
      models: [model('noop', '1.0', true)],
    });
    const config = readConfig(text);
    expect(applySnapshot(config, { modelsFromFlags: true })).toBe(config);
  });

  it('read the one that the peer wrote', () => {
    const text =
      'model_store=store\nmodel_snapshot={\\n  "name"\\: "20261122185546555-startup.cfg",\\n  "modelCount"\\: 1,\\n  "created"\\: 1795373746570,\\n  "models"\\: {\\n    "noop"\\: {\\n      "1.0"\\: {\\n        "defaultVersion"\\: true,\\n        "marName"\\: "noop.mar",\\n        "minWorkers"\\: 1,\\n        "maxWorkers"\\: 1,\\n        "batchSize"\\: 1,\\n        "maxBatchDelay"\\: 100,\\n        "responseTimeout"\\: 120,\\n        "startupTimeout"\\: 120,\\n        "runtimeType"\\: "python"\\n      }\\n    }\\n  }\\n}\n';
    expect(() => checkSnapshotKeys(parseProperties(text, 'x'))).not.toThrow();
    expect(applySnapshot(readConfig(text), { modelsFromFlags: false }).loadModels).toEqual([
      { name: 'noop', url: 'noop.mar' },
    ]);
  });

  it.each([
    ['no JSON', '{', 'model_snapshot: not JSON'],
    ['no models', '{}', 'model_snapshot.models: found null'],
    ['a model without an archive', '{"models":{"m":{"1":{}}}}', 'found no marName'],
  ])('with %s stop the start', (_, json, message) => {
    const config = readConfig(`model_store=s\nmodel_snapshot=${json}`);
    expect(() => applySnapshot(config, { modelsFromFlags: false })).toThrow(message);
  });
});

describe('what starts', () => {
  it('is, for ALL, every archive and folder that is not hidden', () => {
    const entry = (name: string, isFolder = false) => ({ name, isFolder });
    const entries = [
      entry('b.mar'),
      entry('folder', true),
      entry('.git', true),
      entry('.x.mar'),
      entry('a.tar.gz'),
      entry('c.model'),
      entry('notes.txt'),
      entry('d.mar.part'),
    ];
    expect(chooseAllModels(entries).map(({ url }) => url)).toEqual(['a.tar.gz', 'b.mar', 'c.model', 'folder']);
  });

  it('goes forward from starting to ready to draining and never back', () => {
    const readiness = createReadiness();
    expect(readiness.phase).toBe('starting');
    readiness.markReady();
    expect(readiness.phase).toBe('ready');
    readiness.markDraining();
    readiness.markReady();
    expect(readiness.phase).toBe('draining');
  });
});
