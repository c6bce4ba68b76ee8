// Installs what `npm pack` makes into an empty folder, from the registry as anybody would, and runs it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const folder = mkdtempSync(path.join(tmpdir(), 'eisen-package-'));
// onnxruntime-node would fetch CUDA libraries that nothing here uses; the CPU ones are in its package.
const env = { ...process.env, npm_config_onnxruntime_node_install: 'skip' };
const run = (command, args, options = {}) =>
  execFileSync(command, args, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], ...options });

try {
  const flags = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [{ filename, size }] = JSON.parse(run('npm', flags, { cwd: root }));
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}\n');
  run('npm', ['install', '--no-audit', '--no-fund', `./${filename}`]);
  const version = run('npx', ['--no-install', 'eisen-deploy', '--version']).trim();
  writeFileSync(
    path.join(folder, 'use.mjs'),
    `import { createMetadata, EisenServingMAR, EisenServingHandler } from 'eisen-deploy';
const axes = (channels) => [[-1, channels, -1, -1, -1]];
const metadata = createMetadata(['image'], ['ndarray'], axes(1), ['prediction'], ['ndarray'], axes(4));
const model = ${JSON.stringify(path.join(root, 'fixtures', 'models', 'brain-tissue.onnx'))};
const { path } = await new EisenServingMAR([], [], metadata).pack(model, '.', 'brain', '1.0');
const handler = new EisenServingHandler();
await handler.initialize(path);
const array = { dtype: 'float32', shape: [1, 1, 8, 8, 8], strides: [512, 512, 64, 8, 1], offset: 0, data: new Float32Array(512) };
const outputs = await handler.inference(new Map([['image', { kind: 'array', array }]]));
console.log(outputs.get('prediction').array.shape.join('×'));
await handler.release();
`,
  );
  const shape = run(process.execPath, ['use.mjs']).trim();
  if (shape !== '1×4×8×8×8') throw new Error(`the installed library answered ${shape}`);
  process.stdout.write(
    `installed ${filename} (${Math.round(size / 1000)} kB) into an empty folder: eisen-deploy ${version} runs\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
