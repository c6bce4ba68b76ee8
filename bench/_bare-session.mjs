// A bare Node process with a bare session: argv[2] the model, argv[3] the threads, argv[4] the shape. Each line on standard
// input runs it once; each line on standard output is the time of one run in milliseconds.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

process.env.ORT_DISABLE_TELEMETRY = '1';
const { InferenceSession, Tensor } = await import('onnxruntime-node');

const [model, threads, shape] = process.argv.slice(2);
const session = await InferenceSession.create(readFileSync(model), {
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
});
const dims = JSON.parse(shape);
const data = new Float32Array(dims.reduce((product, axis) => product * axis, 1));
for (let n = 0; n < data.length; n += 1) data[n] = Math.sin(n);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === '') break;
  const start = performance.now();
  await session.run({ [session.inputNames[0]]: new Tensor('float32', data, dims) });
  process.stdout.write(`${performance.now() - start}\n`);
}
process.exit(0);
