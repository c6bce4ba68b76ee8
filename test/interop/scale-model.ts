import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { encodeTinyModel } from '../support/tiny-onnx.js';
import { cli } from './brain.js';

const ndarray = (name: string, shape: number[]) => ({ name, type: 'ndarray', shape });

/** What the Python clients' checks expect: an image and a factor for the model, a text and a list that travel along. */
const METADATA = {
  inputs: [
    ndarray('image', [-1, -1, -1]),
    ndarray('scale', []),
    { name: 'note', type: 'str', shape: [-1] },
    { name: 'tags', type: 'list', shape: [-1] },
  ],
  outputs: [
    ndarray('prediction', [-1, -1, -1]),
    ndarray('image', [-1, -1, -1]),
    { name: 'note', type: 'str', shape: [-1] },
    { name: 'tags', type: 'list', shape: [-1] },
  ],
  model_input_list: ['image', 'scale'],
  model_output_list: ['prediction'],
  custom: {},
};

/** Packs a model that multiplies an image of three axes with a number; gives the archive's path. */
export function packScaleModel(folder: string): string {
  const image = ['batch', 'rows', 'columns'];
  const model = encodeTinyModel({
    inputs: [
      { name: 'image', shape: image },
      { name: 'scale', shape: [] },
    ],
    outputs: [{ name: 'prediction', shape: image }],
    nodes: [{ op: 'Mul', inputs: ['image', 'scale'], outputs: ['prediction'] }],
  });
  writeFileSync(path.join(folder, 'scale.onnx'), model);
  writeFileSync(path.join(folder, 'scale.json'), JSON.stringify(METADATA));
  writeFileSync(path.join(folder, 'none.json'), '[]');
  const chains = ['--pre-processing', 'none.json', '--post-processing', 'none.json'];
  const names = ['--model-name', 'scale', '--version', '1.0', '--export-path', folder, '--force'];
  cli(['package', '--model', 'scale.onnx', '--metadata', 'scale.json', ...chains, ...names], folder);
  return path.join(folder, 'scale.mar');
}
