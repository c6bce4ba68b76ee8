import { describe, expect, it } from '@jest/globals';
import { parseChain, readChain, renderChain } from '../../../src/core/transforms/chain.js';

const FILTER = { type: 'FilterFields', params: { fields: ['image'] } };
const NAMES = (json: unknown, part?: 'all' | 'pre' | 'post'): string[] =>
  parseChain(json, 'chain.json', part).steps.map(({ definition }) => definition.name);

describe('a chain document', () => {
  it.each([
    ['a bare list', [FILTER]],
    ['a document of the present format', { format: 'eisen-chain/1', Transforms: [FILTER] }],
    ['a name in place of a type', [{ name: 'FilterFields', params: { fields: ['image'] } }]],
    ['a dotted Python type', [{ ...FILTER, type: 'eisen.transforms.imaging.FilterFields' }]],
    ['the package in place of the module', [{ ...FILTER, type: 'eisen.transforms.FilterFields' }]],
  ])('may be %s', (_title, json) => {
    expect(NAMES(json)).toEqual(['FilterFields']);
  });

  it('gives its lists in a row, or the part that is asked for', () => {
    const json = {
      Readers: [{ type: 'GetShape', params: { fields: ['a'] } }],
      Transforms: [{ type: 'AddChannelDimension', params: { fields: ['a'] } }],
      PostTransforms: [{ type: 'Squeeze', params: { fields: ['a'] } }],
    };
    expect(NAMES(json)).toEqual(['GetShape', 'AddChannelDimension', 'Squeeze']);
    expect(NAMES(json, 'pre')).toEqual(['GetShape', 'AddChannelDimension']);
    expect(NAMES(json, 'post')).toEqual(['Squeeze']);
    expect(NAMES([FILTER], 'post')).toEqual(['FilterFields']);
  });

  it('fills in the defaults and keeps the parameters as written', () => {
    const [step] = parseChain([{ type: 'Squeeze', params: { fields: ['a'] } }], 'x').steps;
    expect(step!.params).toEqual({ fields: ['a'], axis: null });
    expect(step!.given).toEqual({ fields: ['a'] });
  });

  it('is rendered with the Python path of each Eisen transform, and parsed again', () => {
    const json = renderChain(parseChain([FILTER, { type: 'Cast', params: { fields: ['a'], dtype: 'uint8' } }], 'x'));
    expect(json.Transforms).toEqual([
      { type: 'eisen.transforms.imaging.FilterFields', params: { fields: ['image'] } },
      { type: 'Cast', params: { fields: ['a'], dtype: 'uint8' } },
    ]);
    expect(NAMES(json)).toEqual(['FilterFields', 'Cast']);
  });

  it.each([
    ['text', 'chain', '', 'CHAIN_INVALID', /string; expected a list/],
    ['null', null, '', 'CHAIN_INVALID', /null; expected a list/],
    ['no list at all', {}, '', 'CHAIN_INVALID', /none of the lists/],
    ['an unknown list', { Transform: [] }, '/Transform', 'CHAIN_INVALID', /Did you mean 'Transforms'/],
    ['a sliding window', { Transforms: [], Inferer: {} }, '/Inferer', 'CHAIN_INVALID', /not supported/],
    ['another format', { format: 'x', Transforms: [] }, '/format', 'CHAIN_INVALID', /expected 'eisen-chain\/1'/],
    ['another compatibility', { compat: 'x', Transforms: [] }, '/compat', 'CHAIN_INVALID', /expected 'eisen'/],
    ['a list that is none', { Transforms: 3 }, '/Transforms', 'CHAIN_INVALID', /number; expected a list/],
    ['a step that is text', ['Softmax'], '/0', 'CHAIN_INVALID', /expected \{"type"/],
    ['a step without a type', [{ params: {} }], '/0', 'CHAIN_INVALID', /has no type/],
    ['a step with another key', [{ ...FILTER, parms: {} }], '/0/parms', 'CHAIN_INVALID', /Did you mean 'params'/],
    [
      'parameters as a list',
      [{ type: 'Squeeze', params: [] }],
      '/0/params',
      'CHAIN_INVALID',
      /a list; expected an object/,
    ],
    ['an unknown transform', [{ type: 'FilterField' }], '/0/type', 'TRANSFORM_UNKNOWN', /Did you mean 'FilterFields'/],
    ['an unknown name', [{ name: 'FilterField' }], '/0/name', 'TRANSFORM_UNKNOWN', /there is no transform/],
    ['a class of another package', [{ type: 'os.FilterFields' }], '/0/type', 'TRANSFORM_UNKNOWN', /os\.FilterFields/],
    [
      'an unknown parameter',
      [{ type: 'Squeeze', params: { fields: ['a'], axes: 1 } }],
      '/0/params/axes',
      'TRANSFORM_PARAM',
      /Did you mean 'axis'/,
    ],
    ['a missing parameter', [{ type: 'Squeeze' }], '/0/params', 'TRANSFORM_PARAM', /'fields' is missing/],
    [
      'a parameter of the wrong kind',
      [{ type: 'Squeeze', params: { fields: 'a' } }],
      '/0/params/fields',
      'TRANSFORM_PARAM',
      /fields is "a"; expected a list/,
    ],
    [
      'a word outside the choice',
      [{ type: 'Cast', params: { fields: ['a'], dtype: 'f4' } }],
      '/0/params/dtype',
      'TRANSFORM_PARAM',
      /expected one of 'float16'/,
    ],
    [
      'parameters that disagree',
      [{ type: 'RenameFields', params: { fields: ['a'], new_fields: [] } }],
      '/0/params',
      'TRANSFORM_PARAM',
      /1 fields and 0 new names/,
    ],
    [
      'a field name that objects treat in their own way',
      [{ type: 'Squeeze', params: { fields: ['__proto__'] } }],
      '/0/params/fields',
      'TRANSFORM_PARAM',
      /__proto__/,
    ],
  ] as const)('with %s is refused', (_title, json, pointer, code, message) => {
    const { problems } = readChain(json, 'chain.json');
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ pointer, code });
    expect(problems[0]!.message).toMatch(message);
  });

  it('that is one transform without a list says so, once', () => {
    const { problems } = readChain(FILTER, 'chain.json');
    expect(problems).toEqual([
      {
        code: 'CHAIN_INVALID',
        pointer: '',
        message: 'it is one transform; expected a list of them.',
        hint: 'Put it in brackets: [{"type": …, "params": {…}}]',
      },
    ]);
  });

  it('tells all its problems at once', () => {
    const json = { Readers: [{ type: 'Nope' }], Transforms: [FILTER, { type: 'Squeeze', params: { axis: 0.5 } }] };
    const { problems, chain } = readChain(json, 'chain.json');
    expect(problems.map(({ pointer }) => pointer)).toEqual([
      '/Readers/0/type',
      '/Transforms/1/params',
      '/Transforms/1/params/axis',
    ]);
    expect(chain.steps).toHaveLength(1);
    expect(() => parseChain(json, 'chain.json')).toThrow(/^chain\.json#\/Readers\/0\/type: there is no transform/);
  });
});
