import { describe, expect, it } from '@jest/globals';
import { wrapNdArray } from '../../../src/core/tensor/ndarray.js';
import type { Fields, ImageValue } from '../../../src/core/tensor/value.js';
import { parseChain } from '../../../src/core/transforms/chain.js';
import { checkChain } from '../../../src/core/transforms/check-chain.js';
import type { FieldFacts } from '../../../src/core/transforms/field-ledger.js';
import { runChain } from '../../../src/core/transforms/run-chain.js';
import { arrayValue, plainValue } from '../../../src/core/transforms/values.js';

const step = (type: string, params: Record<string, unknown>) => ({ type, params });
const image = arrayValue(wrapNdArray('float32', [2], Float32Array.of(1.5, -2)));
const ARRAY: FieldFacts = { kind: 'array', geometry: 'known' };

describe('running a chain', () => {
  it("leaves the caller's dictionary as it was", async () => {
    const fields: Fields = new Map([['image', image]]);
    const chain = parseChain([step('RenameFields', { fields: ['image'], new_fields: ['x'] })], 'pre');
    expect([...(await runChain(chain, fields)).keys()]).toEqual(['x']);
    expect([...fields]).toEqual([['image', image]]);
  });

  it('keeps the order of a Python dictionary', async () => {
    const fields: Fields = new Map([
      ['a', plainValue(1)],
      ['b', plainValue(2)],
      ['c', plainValue(3)],
    ]);
    const chain = parseChain(
      [
        step('RenameFields', { fields: ['a'], new_fields: ['d'] }),
        step('CreateConstantFlags', { fields: ['b', 'e'], values: [7, [1]] }),
      ],
      'pre',
    );
    expect([...(await runChain(chain, fields))]).toEqual([
      ['b', plainValue(7)],
      ['c', plainValue(3)],
      ['d', plainValue(1)],
      ['e', plainValue([1])],
    ]);
  });

  it('loses a field when two names are swapped, as the original does', async () => {
    const fields: Fields = new Map([
      ['a', plainValue(1)],
      ['b', plainValue(2)],
    ]);
    const chain = parseChain([step('RenameFields', { fields: ['a', 'b'], new_fields: ['b', 'a'] })], 'pre');
    expect([...(await runChain(chain, fields))]).toEqual([['a', plainValue(1)]]);
  });

  it('says which step wanted which field', async () => {
    const chain = parseChain({ Transforms: [step('AddChannelDimension', { fields: ['imgae'] })] }, 'pre.json');
    await expect(runChain(chain, new Map([['image', image]]))).rejects.toMatchObject({
      code: 'FIELD_MISSING',
      message: expect.stringMatching(
        /^pre\.json#\/Transforms\/0 AddChannelDimension: there is no field 'imgae'.*Did you mean 'image'/,
      ),
    });
  });

  it('refuses a plain value where an array is needed', async () => {
    const chain = parseChain([step('AddChannelDimension', { fields: ['n'] })], 'pre');
    await expect(runChain(chain, new Map([['n', plainValue([1, 2])]]))).rejects.toMatchObject({
      code: 'TRANSFORM_FAILED',
    });
  });

  it('ends between two steps when it is cancelled', async () => {
    const chain = parseChain([step('AddChannelDimension', { fields: ['image'] })], 'pre');
    const signal = AbortSignal.abort();
    await expect(runChain(chain, new Map([['image', image]]), { signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('checking a chain', () => {
  const check = (steps: unknown[], start?: Record<string, FieldFacts>) =>
    checkChain(parseChain(steps, 'x'), start && new Map(Object.entries(start)));

  it('tells what it reads, makes and drops when nothing is known of the start', () => {
    const report = check([
      step('AddBatchDimension', { fields: ['image'] }),
      step('RenameFields', { fields: ['image'], new_fields: ['x'] }),
      step('CreateConstantFlags', { fields: ['site'], values: ['A'] }),
    ]);
    expect(report.problems).toEqual([]);
    expect([...report.reads]).toEqual(['image']);
    expect([...report.makes]).toEqual(['x', 'site']);
    expect([...report.drops]).toEqual(['image']);
    expect([...report.fields.keys()]).toEqual(['x', 'site']);
  });

  it('reports a field that nobody gives, once', () => {
    const steps = [step('AddBatchDimension', { fields: ['imag'] }), step('Squeeze', { fields: ['imag'] })];
    const { problems } = check(steps, { image: ARRAY });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: 'FIELD_MISSING', pointer: '/0', hint: "Did you mean 'image'?" });
  });

  it('reports a field that an earlier step dropped', () => {
    const { problems } = check([step('FilterFields', { fields: ['a'] }), step('Squeeze', { fields: ['b'] })], {
      a: ARRAY,
      b: ARRAY,
    });
    expect(problems[0]).toMatchObject({ pointer: '/1', hint: 'An earlier step dropped or renamed it.' });
  });

  it('reports an image where an Eisen transform needs an array', () => {
    const { problems } = check([step('AddChannelDimension', { fields: ['a'] })], {
      a: { kind: 'image', geometry: 'known' },
    });
    expect(problems[0]).toMatchObject({ code: 'CHAIN_INVALID', hint: expect.stringContaining('NiftiToNumpy') });
  });

  it.each([
    ['Argmax', { axis: 9 }, 'there is no axis 9 in 3 axes.'],
    ['Softmax', { axis: -4 }, 'there is no axis -4 in 3 axes.'],
    ['Squeeze', { axis: 1 }, 'its length must be 1.'],
  ])('says why %s %j cannot go', (type, params, why) => {
    const shapes = { shapes: [['spatial', 4, 'spatial'] as const], isOpen: false };
    const { problems } = check([step(type, { fields: ['a'], ...params })], { a: { ...ARRAY, shapes } });
    expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(new RegExp(`fails: .*${why}$`))]);
  });
});

describe('the hint for an image that a step does not take', () => {
  const held = (form: ImageValue['form']): Fields => new Map([['a', { kind: 'image', form, array: image.array }]]);

  it.each([
    ['NiftiToNumpy', 'itk', 'The step for an image of this form is ITKToNumpy.'],
    ['ITKToNumpy', 'pil', 'The step for an image of this form is PilToNumpy.'],
    ['AddChannelDimension', 'nifti', 'Put NiftiToNumpy before this step.'],
    ['AddChannelDimension', 'itk', 'Put ITKToNumpy before this step.'],
  ] as const)('at %s, of form %s, names the one that does', async (type, form, hint) => {
    const run = runChain(parseChain([step(type, { fields: ['a'] })], 'pre'), held(form));
    await expect(run).rejects.toMatchObject({ code: 'TRANSFORM_FAILED', details: expect.objectContaining({ hint }) });
  });
});
