import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { toContiguous } from '../../../src/core/tensor/contiguous.js';
import { wrapNdArray } from '../../../src/core/tensor/ndarray.js';
import type { ArrayValue, Fields, ImageValue, Value } from '../../../src/core/tensor/value.js';
import { parseChain } from '../../../src/core/transforms/chain.js';
import { createChainMemory } from '../../../src/core/transforms/chain-memory.js';
import { lazyArrayValue } from '../../../src/core/transforms/prediction/lazy-channels.js';
import { runChain } from '../../../src/core/transforms/run-chain.js';
import { arrayValue } from '../../../src/core/transforms/values.js';

const SHAPE = [4, 16, 17, 16];
const COUNT = 4 * 16 * 17 * 16;
const AFFINE = [1.1, 0, 0, 3, 0, 0.9, 0, 4, 0, 0, 1.3, 5, 0, 0, 0, 1];

function* random(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

function noise(seed: number): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length: COUNT }, () => Math.max(0, next.next().value * 200 - 60));
}

const array = (data: Float32Array): ArrayValue => arrayValue(wrapNdArray('float32', SHAPE, data));
const dataOf = (value: Value | undefined): ArrayLike<unknown> => (value as ArrayValue).array.data;

/** What a chain of steps without anything between them to reuse gives: each step as a chain of its own. */
async function runApart(steps: object[], fields: Fields): Promise<Fields> {
  let running = fields;
  for (const step of steps) running = await runChain(parseChain([step], 'apart'), running);
  return running;
}

function plainArrays(fields: Fields): [string, unknown][] {
  return [...fields].map(([name, value]) => {
    if (value.kind !== 'array') return [name, value];
    const { dtype, shape, data } = toContiguous(value.array);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return [name, { dtype, shape, sha: createHash('sha256').update(bytes).digest('hex') }];
  });
}

const STEPS: { type: string; params?: object }[] = [
  { type: 'MapValues', params: { min_value: -1, max_value: 2 } },
  { type: 'MapValues', params: { channelwise: true } },
  { type: 'FixedMeanStdNormalization', params: { mean: 20.5, std: 3.25 } },
  { type: 'ThresholdValues', params: { threshold: 0.25 } },
  { type: 'ZScore', params: { nonzero: true } },
  { type: 'ZScore', params: { channelwise: true } },
  { type: 'ClipPercentile', params: { lower: 2, upper: 90 } },
  { type: 'ClipPercentile', params: { nonzero: true, channelwise: true } },
  { type: 'ClipIntensity', params: { lower: -0.5, upper: 0.75 } },
  { type: 'ScaleIntensityRange', params: { a_min: 0, a_max: 90, b_min: 0, b_max: 1, clip: true } },
  { type: 'ScaleRangePercentile' },
  { type: 'HUWindow', params: { center: 10, width: 50 } },
  { type: 'Softmax' },
  { type: 'Sigmoid' },
  { type: 'Transpose', params: { axes: [0, 3, 1, 2] } },
  { type: 'AddChannelDimension' },
  { type: 'SelectChannel', params: { axis: 0, index: 0 } },
  { type: 'RepeatTensor', params: { reps: [1, 1, 1, 1] } },
  { type: 'CropCenteredSubVolumes', params: { size: [15, 16, 14] } },
  { type: 'Cast', params: { dtype: 'float64' } },
  { type: 'Cast', params: { dtype: 'float32' } },
];

describe('a chain that reuses its memory', () => {
  it.each(Array.from({ length: 40 }, (_, n) => n + 1))('gives what its steps give apart, chain %s', async (seed) => {
    const next = random(seed * 7919);
    const steps = Array.from({ length: 6 }, () => {
      const { type, params } = STEPS[Math.floor(next.next().value * STEPS.length)]!;
      const names = [['a'], ['b'], ['a', 'b'], ['a', 'a']][Math.floor(next.next().value * 4)]!;
      return { type, params: { fields: names, ...params } };
    });
    const stack = { type: 'StackImagesChannelwise', params: { fields: ['a', 'b'], dst_field: 'c' } };
    const all: object[] = next.next().value < 0.3 ? [steps[0]!, stack, ...steps.slice(1)] : steps;
    const shared = noise(seed);
    const fields = (): Fields =>
      new Map([
        ['a', array(shared)],
        ['b', array(shared)],
      ]);
    const before = shared.slice();
    // A step that cannot follow the one before fails either way, at the same place.
    const apart = await runApart(all, fields()).then(plainArrays, (error: Error) =>
      error.message.replace(/^.*?: /, ''),
    );
    const together = await runChain(parseChain(all as never, 'whole'), fields()).then(plainArrays, (error: Error) =>
      error.message.replace(/^.*?: /, ''),
    );
    expect(together).toEqual(apart);
    expect(Buffer.compare(Buffer.from(shared.buffer), Buffer.from(before.buffer))).toBe(0);
  });

  it("never writes into the caller's voxels behind an image that needs no conversion", async () => {
    const data = noise(3);
    const before = data.slice();
    const original = { shape: SHAPE, affine: AFFINE, source: 'array' as const };
    const image: ImageValue = {
      ...{ kind: 'image', form: 'nifti', array: wrapNdArray('float32', SHAPE, data, 'F') },
      geometry: { affine: AFFINE, spatialAxes: [0, 1, 2], original },
    };
    const fields = ['image'];
    const steps = ['NiftiToNumpy', 'MapValues', 'ZScore', 'Sigmoid'].map((type) => ({ type, params: { fields } }));
    const after = await runChain(parseChain(steps, 'pre'), new Map([['image', image]]));
    expect(data).toEqual(before);
    expect(dataOf(after.get('image'))).not.toEqual(before);
  });

  it('writes later steps into the array that the first one made', async () => {
    const steps = ['MapValues', 'ZScore', 'Sigmoid'].map((type) => ({ type, params: { fields: ['a'] } }));
    const seen: unknown[] = [];
    const chain = parseChain(steps, 'pre');
    const watched = {
      ...chain,
      steps: chain.steps.map((step) => ({
        ...step,
        definition: {
          ...step.definition,
          apply: async (...given: Parameters<typeof step.definition.apply>) => {
            await step.definition.apply(...given);
            seen.push((dataOf(given[0].get('a')) as Float32Array).buffer);
          },
        },
      })),
    };
    const data = noise(5);
    await runChain(watched, new Map([['a', array(data)]]));
    expect(seen[0]).not.toBe(data.buffer);
    expect(seen[1]).toBe(seen[0]);
    expect(seen[2]).toBe(seen[0]);
  });
});

describe('createChainMemory', () => {
  const field = (data: Float32Array): ArrayValue => arrayValue(wrapNdArray('float32', [data.length], data));

  it('never lets a step write what the caller brought', () => {
    const memory = createChainMemory();
    const data = new Float32Array(COUNT);
    memory.settle(new Map([['a', field(data)]]));
    expect(memory.mayOverwrite(data)).toBe(false);
  });

  it('lets a step write what the chain made and one field holds, but not while two fields see it', () => {
    const memory = createChainMemory();
    const data = memory.take('float32', COUNT);
    memory.settle(new Map([['a', field(data)]]));
    expect(memory.mayOverwrite(data)).toBe(true);
    const view = data.subarray(100, 200);
    memory.settle(
      new Map([
        ['a', field(data)],
        ['b', field(view)],
      ]),
    );
    expect(memory.mayOverwrite(data)).toBe(false);
    expect(memory.mayOverwrite(view)).toBe(false);
    memory.settle(new Map([['b', field(view)]]));
    expect(memory.mayOverwrite(view)).toBe(true);
  });

  it('hands out what no field holds any longer, once, and only for a result of its size', () => {
    const memory = createChainMemory();
    const data = memory.take('float32', COUNT);
    memory.settle(new Map([['a', field(data)]]));
    expect(memory.take('float32', COUNT).buffer).not.toBe(data.buffer);
    memory.settle(new Map());
    expect(memory.take('float32', COUNT - 1).buffer).not.toBe(data.buffer);
    const again = memory.take('int32', COUNT);
    expect(again.buffer).toBe(data.buffer);
    expect(memory.take('int32', COUNT).buffer).not.toBe(data.buffer);
  });

  it('keeps everything while a lazy value may still read it', () => {
    const memory = createChainMemory();
    const data = memory.take('float32', COUNT);
    const channel = field(data).array;
    const source = { dtype: 'float32', shape: [1, COUNT], axis: 0, readChannel: () => channel } as const;
    const original = { shape: SHAPE, affine: AFFINE, source: 'array' as const };
    const lazy = lazyArrayValue(source, { affine: AFFINE, spatialAxes: [0, 1, 2], original });
    memory.settle(new Map([['a', lazy]]));
    expect(memory.take('float32', COUNT).buffer).not.toBe(data.buffer);
    memory.settle(
      new Map([
        ['a', lazy],
        ['b', field(data)],
      ]),
    );
    expect(memory.mayOverwrite(data)).toBe(false);
  });

  it('does not take over a part of a larger memory', () => {
    const memory = createChainMemory();
    const part = new Float32Array(2 * COUNT).subarray(0, COUNT);
    memory.adopt(part);
    memory.settle(new Map([['a', field(part)]]));
    expect(memory.mayOverwrite(part)).toBe(false);
  });
});
