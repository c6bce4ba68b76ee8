import path from 'node:path';
import { packArchive } from '../../src/core/archive/pack-archive.js';
import type { Metadata } from '../../src/core/metadata/metadata.js';
import { identityModel } from './tiny-onnx.js';

export interface TestArchive {
  readonly folder: string;
  readonly name?: string;
  readonly model?: Uint8Array;
  readonly metadata?: Metadata | null;
  readonly pre?: unknown;
  readonly post?: unknown;
}

/** Metadata of `identityModel`: one array in, one array out. */
export const IDENTITY_METADATA: Metadata = {
  inputs: [{ name: 'image', type: 'ndarray', shape: [-1, 1, -1, -1, -1] }],
  outputs: [{ name: 'prediction', type: 'ndarray', shape: [-1, 1, -1, -1, -1] }],
  model_input_list: ['image'],
  model_output_list: ['prediction'],
  custom: {},
};

/** A real archive around a tiny model, written by the program's own packer; resolves to its path. */
export async function writeModelArchive(options: TestArchive): Promise<string> {
  const { folder, name = 'tiny', model = identityModel(), metadata = IDENTITY_METADATA, pre, post } = options;
  const json = (entry: string, value: unknown): { name: string; content: Uint8Array[] }[] =>
    value === undefined || value === null ? [] : [{ name: entry, content: [Buffer.from(JSON.stringify(value))] }];
  const packed = await packArchive({
    entries: [
      { name: 'model.onnx', content: [model] },
      ...json('metadata.json', metadata),
      ...json('pre_process_tform.json', pre),
      ...json('post_process_tform.json', post),
    ],
    manifest: JSON.stringify({
      runtime: 'python',
      model: { modelName: name, serializedFile: 'model.onnx', handler: 'handler.py', modelVersion: '1.0' },
    }),
    format: 'default',
    modelName: name,
    target: path.join(folder, `${name}.mar`),
    force: true,
  });
  return packed.path;
}
