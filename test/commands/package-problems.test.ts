import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type PackageCommandOptions, packageCommand } from '../../src/commands/package.js';
import { isEisenError } from '../../src/core/errors/error.js';
import { recordOutput } from '../support/record-output.js';
import { createScratchFolder } from '../support/scratch-folder.js';
import { identityModel } from '../support/tiny-onnx.js';

const folder = createScratchFolder();
const at = (name: string): string => path.join(folder, name);
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content);
  return at(name);
};
const model = write('model.onnx', identityModel());
const badStep = write('bad-step.json', '[{"type":"LoadImag","params":{"fields":["image"]}}]');
const badParams = write('bad-params.json', '[{"type":"Cast","params":{"fields":["prediction"],"dtype":"float99"}}]');
const badMetadata = write('bad-metadata.json', '{"inputs":3,"outputs":[]}');
const badField = write('bad-field.json', '[{"type":"Cast","params":{"fields":["imgae"],"dtype":"float32"}}]');
write('there.mar', '');

async function run(options: Partial<PackageCommandOptions>) {
  const recorded = recordOutput();
  let error: unknown = null;
  await packageCommand(
    {
      runtime: 'python',
      archiveFormat: 'default',
      model,
      modelName: 'm',
      version: '1',
      exportPath: folder,
      ...options,
    },
    { env: {}, stderr: { isTTY: false, write: () => true }, output: recorded.output },
  ).catch((thrown: unknown) => {
    error = thrown;
  });
  if (error !== null && !isEisenError(error)) throw error;
  return { error, said: recorded.stderr() };
}

describe('package tells everything that is wrong at once:', () => {
  it('both chains, the metadata and a target that is there', async () => {
    const { error } = await run({
      ...{ preProcessing: badStep, postProcessing: badParams, metadata: badMetadata, modelName: 'there' },
    });
    expect(error?.code).toBe('TRANSFORM_UNKNOWN');
    for (const part of [
      'bad-step.json#/0/type',
      'bad-params.json#/0/params/dtype',
      'bad-metadata.json#/inputs',
      'there.mar already exists.',
    ])
      expect(error?.message).toContain(part);
  });

  it('chains that do not fit, a missing extra file and a target that is there', async () => {
    const { error } = await run({ preProcessing: badField, extraFiles: at('nowhere.txt'), modelName: 'there' });
    expect(error?.code).toBe('PACKAGE_UNFIT');
    for (const part of [
      'bad-field.json#/0: Cast: there is no field',
      'File does not exist: ',
      'there.mar already exists.',
    ])
      expect(error?.message).toContain(part);
  });
});

describe('package says that it makes or overwrites something only when it does:', () => {
  it.each([
    ['a folder', { exportPath: at('new'), preProcessing: badField }],
    ['a file', { force: true, modelName: 'there', preProcessing: badField }],
  ])('not %s of a run that fails', async (_, options) => {
    const { error, said } = await run(options);
    expect(error?.code).toBe('PACKAGE_UNFIT');
    expect(said).not.toMatch(/Creating|Overwriting/);
    expect(existsSync(at('new'))).toBe(false);
  });

  it('but of one that succeeds', async () => {
    expect((await run({ force: true, modelName: 'there' })).said).toContain('Overwriting');
    expect((await run({ exportPath: at('new') })).said).toContain('Creating');
  });
});
