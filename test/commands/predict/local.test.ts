import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { createLocalPredictor } from '../../../src/commands/predict/local.js';
import { packArchive } from '../../../src/core/archive/pack-archive.js';
import { encodeFields } from '../../../src/core/tensor/msgpack.js';
import { wrapNdArray } from '../../../src/core/tensor/ndarray.js';
import { LOOP_METADATA, loopModel } from '../../support/loop-model.js';
import { IDENTITY_METADATA, writeModelArchive } from '../../support/model-archive.js';
import { recordOutput } from '../../support/record-output.js';
import { createScratchFolder } from '../../support/scratch-folder.js';
import { identityModel } from '../../support/tiny-onnx.js';

// A worker starts and dies here: a busy machine may take its time.
jest.setTimeout(120_000);

const folder = createScratchFolder();
const request = (shape = [1, 1]) => {
  const array = wrapNdArray('float32', shape, Float32Array.of(0));
  return { body: encodeFields(new Map([['image', { kind: 'array', array }]])), accept: 'application/json' };
};

describe('an archive that is run without a server', () => {
  it('is given up when the time of --timeout is over, though the model would run on for ever', async () => {
    const archive = await writeModelArchive({
      ...{ folder, name: 'endless', model: loopModel(2n ** 62n), metadata: LOOP_METADATA },
    });
    const predictor = createLocalPredictor(archive, recordOutput().output, { timeoutMs: 1500 });
    await expect(predictor.predict(request())).rejects.toMatchObject({
      code: 'REQUEST_TIMEOUT',
      exitCode: 75,
      message: `${archive}: no result within 1.5 s.`,
    });
  });

  it('has as long as --timeout says, more than the hour that it has otherwise', async () => {
    const archive = await writeModelArchive({ folder, name: 'slow' });
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const longest = async (timeoutMs?: number): Promise<number> => {
      timers.mockClear();
      const flags = timeoutMs === undefined ? {} : { timeoutMs };
      await createLocalPredictor(archive, recordOutput().output, flags).predict(request([1, 1, 1, 1, 1]));
      return Math.max(...timers.mock.calls.map(([, delay]) => delay ?? 0));
    };
    expect(await longest()).toBe(3_600_000);
    expect(await longest(7_200_000)).toBe(7_200_000);
    timers.mockRestore();
  });

  it('is cancelled, not late, when the caller gives up first', async () => {
    const archive = await writeModelArchive({ folder, name: 'left' });
    const predictor = createLocalPredictor(archive, recordOutput().output, { timeoutMs: 60_000 });
    await expect(predictor.predict({ ...request(), signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('is refused, as by a server, when an entry is damaged that the run itself would not read', async () => {
    const script = 'unread.py';
    const { path: whole } = await packArchive({
      entries: [
        { name: 'model.onnx', content: [identityModel()] },
        { name: 'metadata.json', content: [Buffer.from(JSON.stringify(IDENTITY_METADATA))] },
        { name: script, content: [Buffer.from('print("nobody reads this")\n')] },
      ],
      manifest: JSON.stringify({
        runtime: 'python',
        model: { modelName: 'm', serializedFile: 'model.onnx', handler: script, modelVersion: '1.0' },
      }),
      ...{ format: 'zip-store', target: path.join(folder, 'whole.mar'), modelName: 'm', force: false },
    });
    await expect(createLocalPredictor(whole, recordOutput().output).metadata()).resolves.toMatchObject({ custom: {} });
    const bytes = readFileSync(whole);
    bytes[bytes.indexOf('nobody reads')]! ^= 1;
    const damaged = path.join(folder, 'damaged.mar');
    writeFileSync(damaged, bytes);
    await expect(createLocalPredictor(damaged, recordOutput().output).metadata()).rejects.toMatchObject({
      code: expect.stringMatching(/^MAR_(CRC|DATA)$/),
    });
  });
});
