import { linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LOOP_METADATA } from '../../.build/test/support/loop-model.js';
import { writeModelArchive } from '../../.build/test/support/model-archive.js';
import { encodeTinyModel } from '../../.build/test/support/tiny-onnx.js';
import { probeModel } from '../../dist/core/model/probe-model.js';
import { createNdArray } from '../../dist/core/tensor/ndarray.js';
import { EisenServingHandler, EisenServingMAR } from '../../dist/index.js';

/** What the foreign file holds; no other number of the test comes near it. */
const SECRET = 12_345;
const SECRET_BYTES = Buffer.from(Float32Array.of(SECRET).buffer);

function modelWith(location) {
  return encodeTinyModel({
    inputs: [{ name: 'image', shape: ['batch', 1] }],
    outputs: [{ name: 'prediction', shape: ['batch', 1] }],
    nodes: [{ op: 'Add', inputs: ['image', 'w'], outputs: ['prediction'] }],
    initializers: [{ name: 'w', dims: [1], external: { location, offset: '0', length: '4' } }],
  });
}

/** Where a graph can say its weights are, and what must lie beside it for that. */
const FORMS = [
  ['a name above', '../secret.bin'],
  ['up through a folder', 'sub/../../secret.bin'],
  ['a dot first', './../secret.bin'],
  ['an absolute path', null],
  ['a symbolic link', 'link.bin', (folder, secret) => symlinkSync(secret, path.join(folder, 'link.bin'))],
  [
    'a linked folder',
    'out/secret.bin',
    (folder, secret) => symlinkSync(path.dirname(secret), path.join(folder, 'out')),
  ],
  ['a hard link', 'hard.bin', (folder, secret) => linkSync(secret, path.join(folder, 'hard.bin'))],
  ['a URL', 'file:///secret.bin'],
  ['backslashes', '..\\secret.bin'],
  ['a zero byte', 'w.bin\u0000../secret.bin'],
  ['nothing', ''],
];

/** Opens, and where that works runs: the answer, or the code of the refusal. */
async function runModel(file) {
  const handler = new EisenServingHandler();
  try {
    await handler.initialize(file);
    const outputs = await handler.inference(
      new Map([['image', { kind: 'array', array: createNdArray('float32', [1, 1]) }]]),
    );
    return { answer: outputs.get('prediction').array.data[0] };
  } catch (error) {
    return { code: error.code };
  } finally {
    await handler.release().catch(() => undefined);
  }
}

const codeOf = (promise) =>
  promise.then(
    () => 'accepted',
    (error) => error.code,
  );

export default {
  number: 7,
  title: 'weights that a model looks for in files of others are not read, whatever the path looks like',
  async run({ room }) {
    const secret = path.join(room, 'secret.bin');
    const wrong = [];
    const codes = {};
    let tries = 0;
    const expectCode = (what, found) => {
      tries++;
      codes[found] = (codes[found] ?? 0) + 1;
      if (!/^(?:ONNX|MAR|MODEL)_/.test(found)) wrong.push(`${what}: ${JSON.stringify(found)}`);
    };
    for (const [title, location, prepare] of FORMS) {
      writeFileSync(secret, SECRET_BYTES);
      const folder = path.join(room, 'model');
      mkdirSync(path.join(folder, 'sub'), { recursive: true });
      const bytes = modelWith(location ?? secret);
      writeFileSync(path.join(folder, 'model.onnx'), bytes);
      prepare?.(folder, secret);
      const file = path.join(folder, 'model.onnx');

      const archived = await runModel(await writeModelArchive({ folder, model: bytes, metadata: LOOP_METADATA }));
      expectCode(`${title}, from an archive`, archived.code ?? archived);
      rmSync(path.join(folder, 'tiny.mar'));
      const opened = await runModel(folder);
      expectCode(`${title}, from a folder`, opened.code ?? opened);

      const target = path.join(room, 'packed');
      mkdirSync(target);
      const mar = new EisenServingMAR([], [], LOOP_METADATA);
      expectCode(`${title}, packaged from its path`, await codeOf(mar.pack(file, target, 'm', '1.0')));
      expectCode(`${title}, packaged from its bytes`, await codeOf(mar.pack(bytes, target, 'm', '1.0')));
      expectCode(`${title}, given to the engine as bytes`, await codeOf(probeModel(bytes)));
      if (readFileSync(secret).compare(SECRET_BYTES) !== 0) wrong.push(`${title}: the foreign file was changed`);
      for (const left of [folder, target, secret]) rmSync(left, { recursive: true, force: true });
    }
    return { passed: wrong.length === 0, forms: FORMS.length, tries, codes, foreignReads: wrong.length, wrong };
  },
};
