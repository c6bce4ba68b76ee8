import path from 'node:path';
import { EisenError } from '../errors/error.js';
import type { Runtime } from './render-manifest.js';

/** Handlers that come with TorchServe: named in the manifest, not copied. */
const BUILT_IN = new Set([
  'base_handler',
  'text_classifier',
  'image_classifier',
  'object_detector',
  'image_segmenter',
  'dali_image_classifier',
  'vllm_handler',
  'trt_llm_handler',
]);
const BUILT_IN_LSP = new Set(['BaseHandler', 'TorchScriptHandler']);

export function isBuiltInHandler(handler: string): boolean {
  return BUILT_IN.has(handler) || BUILT_IN_LSP.has(handler);
}

/** How a handler is named in the manifest, and the file to copy (null for a built-in one). */
export interface HandlerFile {
  readonly handler: string;
  readonly file: string | null;
}

/** Takes `name`, `path/to/file.py`, `path/to/module:function` and, beyond the archiver, `path/to/file.py:function`. */
export function resolveHandler(given: string, runtime: Runtime): HandlerFile {
  const colon = given.lastIndexOf(':');
  const file = colon < 0 ? given : given.slice(0, colon);
  const entryPoint = colon < 0 ? '' : given.slice(colon);
  if (file === '')
    throw new EisenError('USAGE', `--handler is '${given}'; expected a file, a module or a built-in name.`, {
      where: '--handler',
    });
  const handler = path.basename(file) + entryPoint;
  if ((runtime === 'LSP' ? BUILT_IN_LSP : BUILT_IN).has(given)) return { handler: given, file: null };
  if (runtime === 'LSP') return { handler, file: `${file}${process.platform === 'darwin' ? '.dylib' : '.so'}` };
  return { handler, file: file.includes('.py') ? file : `${file}.py` };
}
