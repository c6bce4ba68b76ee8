import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { type PackageCommandOptions, packageCommand } from '../../src/commands/package.js';
import { openArchive } from '../../src/core/archive/open-archive.js';
import { packArchive } from '../../src/core/archive/pack-archive.js';
import { createModelRuntime } from '../../src/core/serving/pool/create-model-runtime.js';
import { createNodeLauncher } from '../../src/core/serving/pool/node-launcher.js';
import { createWorkerHost } from '../../src/core/serving/pool/worker-host.js';
import { decodeFields } from '../../src/core/tensor/msgpack.js';
import { codeOfAsync } from '../support/codes.js';
import { recordOutput } from '../support/record-output.js';
import { createScratchFolder } from '../support/scratch-folder.js';
import { addModel } from '../support/tiny-onnx.js';
import { SETTINGS } from '../support/workers/scripted-pool.js';

// Processes start here: a busy machine may take its time.
jest.setTimeout(120_000);

const folder = createScratchFolder();
const at = (...parts: string[]): string => path.join(folder, ...parts);

function sample(name: string, expected?: unknown): string {
  mkdirSync(at(name));
  writeFileSync(at(name, 'input.json'), JSON.stringify({ image: [[10, 20, 30]] }));
  if (expected !== undefined) writeFileSync(at(name, 'expected.json'), JSON.stringify(expected));
  return at(name);
}

async function run(options: Partial<PackageCommandOptions>) {
  const record = recordOutput({ json: options.json });
  let errors = '';
  const stderr = {
    isTTY: false,
    write: (text: string) => {
      errors += text;
      return true;
    },
  };
  const code = await packageCommand(
    { runtime: 'python', archiveFormat: 'default', ...options },
    { env: {}, stderr, output: record.output },
  );
  return { code, stdout: record.stdout(), errors };
}

/** image + [0, 1, 2], of the given three weights. */
function pack(name: string, extra: Partial<PackageCommandOptions>) {
  if (!existsSync(at('m.onnx'))) writeFileSync(at('m.onnx'), addModel(3));
  return run({ model: at('m.onnx'), modelName: name, version: '1.0', exportPath: at('store'), ...extra });
}

/** The same archive with other weights: a model that no longer does what its sample says. */
async function spoil(name: string): Promise<string> {
  const archive = await openArchive(at('store', `${name}.mar`));
  const entries = [];
  for (const entry of archive.entries.filter((each) => !each.name.startsWith('MAR-INF/'))) {
    const bytes = entry.name === 'model.onnx' ? addModel(3, () => 7) : await archive.readEntry(entry.name);
    entries.push({ name: entry.name, content: [bytes] });
  }
  const manifest = Buffer.from(await archive.readEntry('MAR-INF/MANIFEST.json')).toString();
  const target = at('store', `${name}-spoilt.mar`);
  await packArchive({ entries, manifest, format: 'default', modelName: name, target, force: true });
  return target;
}

describe('package --sample', () => {
  it('answers the sample with the model and records the reply where none is expected', async () => {
    expect((await pack('recorded', { sample: sample('bare') })).code).toBe(0);
    const archive = await openArchive(at('store', 'recorded.mar'));
    const value = decodeFields(await archive.readEntry('sample/expected.msgpack')).get('prediction');
    expect(value?.kind === 'array' && [...value.array.data]).toEqual([10, 21, 32]);
    expect(readdirSync(at('bare'))).toEqual(['input.json']);
  });

  it('takes an expected reply within the tolerance along as it is', async () => {
    const expected = { prediction: [[10, 21.001, 32]] };
    expect((await pack('expected', { sample: sample('good', expected) })).code).toBe(0);
    const archive = await openArchive(at('store', 'expected.mar'));
    expect(JSON.parse(Buffer.from(await archive.readEntry('sample/expected.json')).toString())).toEqual(expected);
  });

  it.each([
    ['another reply', 'other', { prediction: [[10, 22, 32]] }],
    ['other outputs', 'renamed', { mask: [[10, 21, 32]] }],
  ])('writes nothing when the model gives %s', async (_what, name, expected) => {
    expect(await codeOfAsync(pack(name, { sample: sample(name, expected) }))).toBe('MAR_SAMPLE');
    expect(existsSync(at('store', `${name}.mar`))).toBe(false);
  });

  it('writes nothing when the model refuses the request', async () => {
    const broken = sample('broken');
    writeFileSync(at('broken', 'input.json'), JSON.stringify({ image: [[1, 2, 3, 4]] }));
    expect(await codeOfAsync(pack('broken', { sample: broken }))).toBe('MAR_SAMPLE');
  });
});

describe('package --check', () => {
  it('answers the sample of an archive, and says so', async () => {
    await pack('checked', { sample: sample('checked') });
    const { code, stdout } = await run({ check: at('store', 'checked.mar') });
    expect(code).toBe(0);
    expect(stdout).toContain('the model gives the reply of its sample');
  });

  it('ends with exit code 4 and MAR_SAMPLE when the model gives another reply', async () => {
    await pack('drifted', { sample: sample('drifted') });
    const spoilt = await spoil('drifted');
    const { code, errors } = await run({ check: spoilt });
    expect(code).toBe(4);
    expect(errors).toMatch(/the reply is not the expected one: prediction: 3 of 3 elements differ.*\[MAR_SAMPLE\]/);
  });
});

describe('a worker that is asked to test itself', () => {
  it.each([
    [true, /MAR_SAMPLE: drifted-spoilt\.mar: sample: the reply is not the expected one/],
    [false, null],
  ])('%j: refuses to come up with a model that fails its sample only then', async (selfTest, message) => {
    const archivePath = at('store', 'drifted-spoilt.mar');
    const host = createWorkerHost();
    const runtime = createModelRuntime({
      ...{ host, name: 'm', version: '1', archivePath, metadata: null, settings: SETTINGS },
      launcher: createNodeLauncher({ modelName: 'm', archivePath, batchSize: 1, selfTest }),
    });
    const start = runtime.scale({ min: 1, max: 1 });
    if (message === null) await start;
    else await expect(start).rejects.toThrow(message);
    await runtime.stop({ drainMs: 0 });
    host.close();
  });

  it('comes up with one that answers it, and says so', async () => {
    const archivePath = at('store', 'checked.mar');
    const lines: string[] = [];
    const host = createWorkerHost({ onLine: ({ line }) => lines.push(line) });
    const runtime = createModelRuntime({
      ...{ host, name: 'm', version: '1', archivePath, metadata: null, settings: SETTINGS },
      launcher: createNodeLauncher({ modelName: 'm', archivePath, batchSize: 1, selfTest: true }),
    });
    await runtime.scale({ min: 1, max: 1 });
    expect(lines).toContain('self-test: the sample is answered as expected');
    await runtime.stop({ drainMs: 0 });
    host.close();
  });
});
