import type { Archive } from '../../archive/archive.js';

/** The handler that our packaging puts into archives for TorchServe's sake; our own server has it built in. */
const OUR_HANDLER = /^eisen_deploy_handler(\.py)?(:\w+)?$/;
const PICKLED_CHAIN = /^(pre|post)_process_tform\.pkl$/;

/** The file of a handler such as `handler.py`, `handler` or `handler:function`. */
function handlerFile(handler: string): string {
  const name = handler.split(':')[0]!;
  return name.endsWith('.py') ? name : `${name}.py`;
}

/**
 * True when only the archive's own Python code can run it: no ONNX model, pickled chains, or a handler of its own beside
 * them. Ours runs ONNX between JSON chains and must not pretend to be another handler.
 */
export function needsOwnCode(archive: Archive, handler: string): boolean {
  const names = new Set(archive.entries.map(({ name }) => name));
  const hasModel = [...names].some((name) => name.endsWith('.onnx'));
  const isPickled = [...names].some((name) => PICKLED_CHAIN.test(name));
  const bringsHandler = handler !== '' && !OUR_HANDLER.test(handler) && names.has(handlerFile(handler));
  return !hasModel || isPickled || bringsHandler;
}
