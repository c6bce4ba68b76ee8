import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageCommand } from '../../../src/commands/package.js';
import { openArchive } from '../../../src/core/archive/open-archive.js';
import { packArchive } from '../../../src/core/archive/pack-archive.js';
import { readLegacyArchive } from '../../../src/core/packaging/legacy-archive.js';
import { createScratchFolder } from '../../support/scratch-folder.js';
import { identityModel } from '../../support/tiny-onnx.js';

const scratch = createScratchFolder();
const golden = (name: string): Buffer => readFileSync(new URL(`../../../../fixtures/legacy/${name}`, import.meta.url));

const METADATA = {
  inputs: [{ name: 'image', type: 'ndarray', shape: [-1, 1, -1, -1, -1] }],
  outputs: [{ name: 'prediction', type: 'ndarray', shape: [-1, 1, -1, -1, -1] }],
  custom: {},
};

/** An archive as the Python package leaves it: pickled chains, a torch model, handlers.py, an old manifest. */
async function oldArchive(entries: Record<string, Uint8Array>): Promise<string> {
  const target = path.join(mkdtempSync(path.join(scratch, 'old-')), 'old.mar');
  const all = {
    'model.pt': Buffer.from('a torch model'),
    'handlers.py': Buffer.from('raise SystemExit("never run")'),
    'metadata.json': Buffer.from(JSON.stringify(METADATA)),
    ...entries,
  };
  await packArchive({
    entries: Object.entries(all).map(([name, bytes]) => ({ name, content: [bytes] })),
    manifest: JSON.stringify({
      runtime: 'python',
      model: { modelName: 'old', serializedFile: 'model.pt', handler: 'handlers.py', modelVersion: '3.2' },
      modelServerVersion: '1.0',
      implementationVersion: '1.0',
      specificationVersion: '1.0',
    }),
    format: 'default',
    modelName: 'old',
    target,
    force: true,
  });
  return target;
}

const CHAINS = {
  'pre_process_tform.pkl': golden('empty-chain.pkl'),
  'post_process_tform.pkl': golden('single-transform.pkl'),
};
const BOTH = { pre: true, post: true };

async function runPackage(options: Record<string, string>): Promise<string> {
  const folder = mkdtempSync(path.join(scratch, 'new-'));
  writeFileSync(path.join(folder, 'model.onnx'), identityModel());
  const model = path.join(folder, 'model.onnx');
  await packageCommand(
    { model, exportPath: folder, runtime: 'python', archiveFormat: 'default', quiet: true, ...options },
    { env: {}, stderr: { write: () => true }, output: { say: () => undefined, result: () => undefined } as never },
  );
  return path.join(folder, `${options['modelName'] ?? 'old'}.mar`);
}

describe('an archive of the Python package', () => {
  it('gives its names, its metadata and its chains as ours', async () => {
    const old = await readLegacyArchive(await oldArchive(CHAINS), BOTH);
    expect([old.modelName, old.modelVersion, old.metadata]).toEqual(['old', '3.2', METADATA]);
    expect(old.pre?.steps).toEqual([]);
    expect(old.post?.steps.map(({ definition, given }) => [definition.name, given])).toEqual([
      ['FilterFields', { fields: ['prediction'] }],
    ]);
  });

  it('becomes a package of ours with an ONNX model, name and version taken over', async () => {
    const made = await openArchive(await runPackage({ fromLegacy: await oldArchive(CHAINS) }));
    const names = made.entries.map(({ name }) => name);
    expect(names.filter((name) => /pkl|\.pt$|handlers\.py/.test(name))).toEqual([]);
    expect(made.manifest?.model).toMatchObject({ modelName: 'old', modelVersion: '3.2' });
    const post = JSON.parse(Buffer.from(await made.readEntry('post_process_tform.json')).toString()) as unknown;
    expect(post).toMatchObject({
      Transforms: [{ type: 'eisen.transforms.imaging.FilterFields', params: { fields: ['prediction'] } }],
    });
    await made.close();
  });

  it('lets names and chains that are given win', async () => {
    const fromLegacy = await oldArchive({ ...CHAINS, 'pre_process_tform.pkl': golden('lambda-dill.pkl') });
    const preProcessing = path.join(scratch, 'pre.json');
    writeFileSync(preProcessing, '[]');
    const file = await runPackage({ fromLegacy, preProcessing, modelName: 'fresh', version: '4' });
    const made = await openArchive(file);
    expect(made.manifest?.model).toMatchObject({ modelName: 'fresh', modelVersion: '4' });
    await made.close();
  });

  it('is refused with advice where a chain holds a closure', async () => {
    const fromLegacy = await oldArchive({ ...CHAINS, 'pre_process_tform.pkl': golden('closure-dill.pkl') });
    await expect(runPackage({ fromLegacy })).rejects.toMatchObject({
      code: 'LEGACY_CHAIN',
      message: expect.stringContaining('pre_process_tform.pkl: the chain holds a lambda, a closure'),
      details: { hint: expect.stringContaining('--pre-processing') },
    });
  });

  it('is refused where it has no pickled chain', async () => {
    await expect(readLegacyArchive(await oldArchive({}), BOTH)).rejects.toMatchObject({ code: 'LEGACY_CHAIN' });
  });
});
