import { expect, it } from '@jest/globals';
import type { Archive } from '../../../../src/core/archive/archive.js';
import { needsOwnCode } from '../../../../src/core/serving/pool/archive-code.js';

const archiveOf = (...names: string[]): Archive => ({ entries: names.map((name) => ({ name })) }) as unknown as Archive;

it.each([
  ['ours, with the Python handler that it carries for TorchServe', 'eisen_deploy_handler.py', false],
  ['ours, the handler named as a module', 'eisen_deploy_handler', false],
  ['one without a handler', '', false],
  ['one whose handler is a name of TorchServe that it does not bring', 'image_classifier', false],
  ['one that brings a handler of its own', 'own.py', true],
  ['one that brings a handler function of its own', 'own:answer', true],
])('an archive with an ONNX model: %s', (_title, handler, own) => {
  expect(needsOwnCode(archiveOf('model.onnx', 'eisen_deploy_handler.py', 'own.py'), handler)).toBe(own);
});

it.each([
  ['a torch model', ['model.pt', 'handlers.py'], 'handlers.py'],
  ['a handler alone', ['noop.py'], 'noop.py'],
  ['pickled chains beside an ONNX model', ['model.onnx', 'pre_process_tform.pkl'], ''],
  ['a pickled post-processing chain', ['model.onnx', 'post_process_tform.pkl'], 'eisen_deploy_handler.py'],
])('an archive needs its own code for %s', (_title, names, handler) => {
  expect(needsOwnCode(archiveOf(...names), handler)).toBe(true);
});
