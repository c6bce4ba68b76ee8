import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createMetadata } from '../../src/core/metadata/create-metadata.js';
import { encodeFields } from '../../src/core/tensor/msgpack.js';
import { wrapNdArray } from '../../src/core/tensor/ndarray.js';
import { createScratchFolder } from '../support/scratch-folder.js';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');
const scratch = createScratchFolder();
const folder = path.join(scratch, 'consumer');
const modules = path.join(folder, 'node_modules');
let packed: string[] = [];

/** What `npm pack` makes, unpacked where `npm install` would put it; the dependencies, one folder up, are those of this repository. */
beforeAll(() => {
  const flags = ['pack', '--ignore-scripts', '--json', '--pack-destination', scratch];
  const [{ filename, files }] = JSON.parse(
    execFileSync('npm', flags, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  ) as [{ filename: string; files: { path: string }[] }];
  packed = files.map((file) => file.path);
  mkdirSync(modules, { recursive: true });
  execFileSync('tar', ['-xzf', path.join(scratch, filename), '-C', modules]);
  execFileSync('mv', [path.join(modules, 'package'), path.join(modules, 'eisen-deploy')]);
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(scratch, 'node_modules'));
}, 60_000);

function run(name: string, source: string) {
  writeFileSync(path.join(folder, name), source);
  return spawnSync(process.execPath, [name], { cwd: folder, encoding: 'utf8' });
}

describe('the package that npm pack makes', () => {
  it('holds the program, its bundle, its types and the documents, and nothing of the workshop', () => {
    expect(packed).toEqual(
      expect.arrayContaining([
        'bin/eisen-deploy.js',
        'bin/torchserve.js',
        'bin/package.json',
        'bin/load-program.js',
        'dist/start.cjs',
        'dist/serve.cjs',
        'dist/core/serving/worker/worker-main.cjs',
        'dist/index.js',
        'dist/index.d.ts',
        'LICENSE',
        'README.md',
        'SECURITY.md',
        'CHANGELOG.md',
        'docs/architecture.md',
      ]),
    );
    // The Python files are data: `package` puts them into archives for TorchServe.
    const workshop =
      /^(src\/(?!core\/packaging\/python\/(?:\w+\.py|requirements\.txt)$)|test|bench|scripts|fixtures|\.)/;
    expect(packed.filter((file) => workshop.test(file))).toEqual([]);
    expect(packed).toContain('src/core/packaging/python/eisen_deploy_handler.py');
  });

  it('runs from the command line', () => {
    const program = path.join(modules, 'eisen-deploy', 'bin', 'eisen-deploy.js');
    const { stdout, status } = spawnSync(process.execPath, [program, '--version'], { encoding: 'utf8' });
    const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect([stdout, status]).toEqual([`${version}\n`, 0]);
    const { status: wrong, stderr } = spawnSync(process.execPath, [program, 'predict'], { encoding: 'utf8' });
    expect([wrong, stderr]).toEqual([2, expect.stringContaining('nothing to predict')]);
  });

  it('packages a model and runs it as a library', () => {
    const model = path.join(ROOT, 'fixtures', 'models', 'brain-tissue.onnx');
    const { stdout, stderr, status } = run(
      'use.mjs',
      `import { createMetadata, EisenServingMAR, EisenServingHandler, EisenServingClient, isEisenError } from 'eisen-deploy';
       const metadata = createMetadata(
         ['image'], ['ndarray'], [[-1, 1, -1, -1, -1]], ['prediction'], ['ndarray'], [[-1, 4, -1, -1, -1]]);
       const { path } = await new EisenServingMAR([], [], metadata).pack(${JSON.stringify(model)}, '.', 'brain', '1.0');
       const handler = new EisenServingHandler();
       await handler.initialize(path);
       const array = { dtype: 'float32', shape: [1, 1, 8, 8, 8], strides: [512, 512, 64, 8, 1], offset: 0, data: new Float32Array(512) };
       const fields = new Map([['image', { kind: 'array', array }]]);
       const outputs = await handler.postProcess(await handler.inference(await handler.preProcess(fields)));
       const { dtype, shape } = outputs.get('prediction').array;
       console.log(JSON.stringify([handler.getMetadata().model_input_list, dtype, shape]));
       await handler.release();
       const client = new EisenServingClient({ url: 'http://127.0.0.1:9/predictions/brain' });
       await client.getMetadata().catch((error) => console.log(isEisenError(error), error.code));`,
    );
    expect([stderr, status]).toEqual(['', 0]);
    expect(stdout).toBe('[["image"],"float32",[1,4,8,8,8]]\ntrue SERVER_UNREACHABLE\n');
  });

  it('runs the two programs of docs/library.md as strict TypeScript, with what they say', async () => {
    const guide = readFileSync(path.join(ROOT, 'docs', 'library.md'), 'utf8');
    const programs = [...guide.matchAll(/^```ts\n([^`]*(?:`[^`]+`[^`]*)*?)```$/gm)].map((block) => block[1]!);
    const own = path.join(folder, 'guide');
    mkdirSync(own);
    const names = programs.map((source, n) => {
      writeFileSync(path.join(own, `program${n}.ts`), source);
      return `program${n}.ts`;
    });
    const compilerOptions = {
      ...{ target: 'ES2023', module: 'NodeNext', strict: true, noUncheckedIndexedAccess: true },
      ...{ types: ['node'], typeRoots: [path.join(ROOT, 'node_modules', '@types')] },
    };
    writeFileSync(path.join(own, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: names }));
    writeFileSync(path.join(own, 'package.json'), '{"type":"module"}');
    const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    expect(spawnSync(process.execPath, [tsc, '-p', own], { encoding: 'utf8' }).stdout).toBe('');

    copyFileSync(path.join(ROOT, 'fixtures', 'models', 'brain-tissue.onnx'), path.join(own, 'model.onnx'));
    const first = spawnSync(process.execPath, ['program0.js'], { cwd: own, encoding: 'utf8' });
    expect([first.stdout, first.stderr]).toEqual(['uint8 [ 1, 8, 8, 8 ]\n', '']);

    const metadata = createMetadata(['image'], ['ndarray'], [[-1, 1, 8, 8, 8]], ['prediction'], ['ndarray'], [[-1]]);
    const labels = wrapNdArray('uint8', [2], Uint8Array.of(1, 2));
    const reply = Buffer.concat(encodeFields(new Map([['prediction', { kind: 'array', array: labels }]])));
    const server = http.createServer((request, response) => {
      let bytes = 0;
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      request.on('end', () => response.end(bytes === 0 ? JSON.stringify(metadata) : reply));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/predictions/brain`;
    try {
      const { stdout } = await promisify(execFile)(process.execPath, ['program1.js', url], { cwd: own });
      expect(stdout.split('\n')).toEqual([
        'image: ndarray [-1, 1, 8, 8, 8]',
        'uint8 [ 2 ]',
        'INPUT_INVALID 3 batch#/image',
        '',
      ]);
    } finally {
      server.close();
    }
  });

  it('is typed', () => {
    writeFileSync(
      path.join(folder, 'use.ts'),
      `import { createMetadata, EisenServingClient, EisenServingMAR, type Metadata, type ReplyValue } from 'eisen-deploy';
       const metadata: Metadata = createMetadata(['a'], ['ndarray'], [[-1]], ['b'], ['str'], [[]]);
       const reply: Record<string, ReplyValue> = await new EisenServingClient({ url: 'http://h/predictions/m', validateInputs: true })
         .predict({ a: { dtype: 'float32', shape: [1], data: Float32Array.of(1) } });
       // @ts-expect-error a model needs a name and a version
       await new EisenServingMAR([], [], metadata).pack('m.onnx', '.');
       export { reply };`,
    );
    const options = {
      target: 'ES2023',
      module: 'NodeNext',
      strict: true,
      noEmit: true,
      types: ['node'],
      typeRoots: [path.join(ROOT, 'node_modules', '@types')],
    };
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['use.ts'] }));
    writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
    const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    expect(stdout).toBe('');
  });
});
