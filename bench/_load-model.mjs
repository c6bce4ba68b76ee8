// node _load-model.mjs inline|archive file go|hold|started [tiny.onnx]: loads a model in a fresh process and prints {ms}. With `hold` it
// runs the model once and stays until its stdin ends; with `started` the engine has loaded a tiny model before the clock runs.
import path from 'node:path';

const core = path.resolve(import.meta.dirname, '..', 'dist', 'core');
const load = (file) => import(path.join(core, file));
const [mode, file, how, tiny] = process.argv.slice(2);
const [{ openArchive }, { planModelLoad }, { createModelSession }, { wrapNdArray }, cache] = await Promise.all(
  [
    'archive/open-archive.js',
    'model/load-plan.js',
    'model/session.js',
    'tensor/ndarray.js',
    'archive/content-cache.js',
  ].map(load),
);
const runtime = await import('onnxruntime-node');

if (how === 'started') await runtime.default.InferenceSession.create(tiny, { logSeverityLevel: 3 });
let run;
const start = performance.now();
if (mode === 'archive') {
  const archive = await openArchive(file);
  const folder = cache.defaultCacheFolder(process.env);
  const plan = await planModelLoad(archive, { openCache: () => cache.openContentCache({ folder }) });
  const session = await createModelSession(plan.model, { ...plan, threads: 2 });
  await archive.close();
  run = (data, shape) => session.run(new Map([['image', wrapNdArray('float32', shape, data)]]));
} else {
  const options = { graphOptimizationLevel: 'all', logSeverityLevel: 3 };
  const session = await runtime.default.InferenceSession.create(file, options);
  run = (data, shape) => session.run({ image: new runtime.default.Tensor('float32', data, shape) });
}
const ms = performance.now() - start;
if (how === 'hold') await run(new Float32Array(512), [1, 512, 1, 1, 1]);
process.stdout.write(`${JSON.stringify({ ms })}\n`);
if (how === 'hold') process.stdin.resume().on('end', () => process.exit(0));
else process.exit(0);
