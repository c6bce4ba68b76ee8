import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { rescueChain } from '../../../src/core/legacy/rescue-chain.js';
import { pickleOf } from './pickle-bytes.js';

const read = (name: string) =>
  rescueChain(readFileSync(new URL(`../../../../fixtures/legacy/${name}`, import.meta.url)), name);
const imaging = (name: string, params: object) => ({ type: `eisen.transforms.imaging.${name}`, params });

const EXPECTED = [
  imaging('CreateConstantFlags', { fields: ['flag'], values: [true] }),
  imaging('ResampleNiftiVolumes', { fields: ['image'], resolution: [1, 1, 2.5], interpolation: 'linear' }),
  imaging('NiftiToNumpy', { fields: ['image'], multichannel: false }),
  imaging('CropCenteredSubVolumes', { fields: ['image'], size: [8, 8, 8] }),
  imaging('MapValues', { fields: ['image'], min_value: 0, max_value: 1, channelwise: false }),
  imaging('FixedMeanStdNormalization', { fields: ['image'], mean: 0.5, std: 0.25 }),
  imaging('AddChannelDimension', { fields: ['image'] }),
  imaging('RepeatTensor', { fields: ['image'], reps: [1, 2, 1, 1] }),
  imaging('ThresholdValues', { fields: ['image'], threshold: 0.5, direction: 'greater/equal' }),
  imaging('LabelMapToOneHot', { fields: ['label'], classes: [0, 1, 2] }),
  imaging('StackImagesChannelwise', { fields: ['image', 'image'], dst_field: 'stack', create_new_dim: false }),
  imaging('RenameFields', { fields: ['stack'], new_fields: ['out'] }),
  imaging('NumpyToNifti', {
    fields: ['out'],
    affine: [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ],
    data_types: { out: 'uint8' },
  }),
  imaging('FilterFields', { fields: ['out'] }),
];

describe('a pickled chain becomes a JSON chain', () => {
  it.each([
    'chain-protocol2.pkl',
    'chain-protocol3.pkl',
    'chain-protocol4.pkl',
    'chain-protocol5.pkl',
    'chain-dill.pkl',
  ])('%s: every step with its parameters, nested Composes flattened', (name) => {
    expect(JSON.parse(JSON.stringify(read(name)))).toEqual(EXPECTED);
  });

  it('a lone transform is a chain of one step and an empty Compose one of none', () => {
    expect(read('single-transform.pkl')).toEqual([imaging('FilterFields', { fields: ['prediction'] })]);
    expect(read('empty-chain.pkl')).toEqual([]);
  });
});

const COMPOSE = 'ctorchvision.transforms.transforms\nCompose\n)\x81}\x8c\x0atransforms';
const FILTER = 'ceisen.transforms.imaging\nFilterFields\n)\x81}\x8c\x06fields';

describe('what no JSON chain can say is refused by name, with what to do', () => {
  it.each([
    [
      'a lambda in a Compose',
      () => read('lambda-dill.pkl'),
      'a lambda, a closure or a class of a script (dill._dill._create_function)',
    ],
    [
      'a closure',
      () => read('closure-dill.pkl'),
      'a lambda, a closure or a class of a script (dill._dill._create_function)',
    ],
    ['a class of somebody else', () => read('unknown-class.pkl'), 'needs hospital.Denoise'],
    [
      'a call of os.system',
      () => rescueChain(pickleOf('\x80\x04cposix\nsystem\n\x8c\x02id\x85R.'), 'x.pkl'),
      'needs posix.system',
    ],
    [
      'a call by dill of something else',
      () => rescueChain(pickleOf('\x80\x04cdill._dill\n_create_array\ncnumpy\ndtype\n)}\x87R.'), 'x.pkl'),
      '_create_array of something else',
    ],
    ['a number', () => rescueChain(pickleOf('\x80\x04K\x01.'), 'x.pkl'), 'step 0 is number, not a transform'],
    ['a dict', () => rescueChain(pickleOf('\x80\x04}.'), 'x.pkl'), 'step 0 is dict, not a transform'],
    [
      'a class that is not made',
      () => rescueChain(pickleOf('\x80\x04ceisen.transforms.imaging\nMapValues\n.'), 'x.pkl'),
      'not a transform',
    ],
    [
      'a Compose without its list',
      () => rescueChain(pickleOf('\x80\x04ctorchvision.transforms.transforms\nCompose\n)\x81.'), 'x.pkl'),
      'without its transforms',
    ],
    [
      'a Compose that holds itself',
      () =>
        rescueChain(
          pickleOf('\x80\x04', `ctorchvision.transforms.transforms\nCompose\n)\x81\x94}\x8c\x0atransforms]h\x00asb.`),
          'x.pkl',
        ),
      'contains itself',
    ],
    [
      'a parameter that is a transform',
      () => rescueChain(pickleOf('\x80\x04', FILTER, 'ceisen.transforms.imaging\nFilterFields\n)\x81sb.'), 'x.pkl'),
      "parameter 'fields' is eisen.transforms.imaging.FilterFields",
    ],
    [
      'a parameter that is a set',
      () => rescueChain(pickleOf('\x80\x04', FILTER, '\x8fsb.'), 'x.pkl'),
      "parameter 'fields' is set",
    ],
    [
      'a parameter that holds itself',
      () => rescueChain(pickleOf('\x80\x04', FILTER, ']\x94h\x00asb.'), 'x.pkl'),
      "parameter 'fields' is list",
    ],
    [
      'an attribute with underscores',
      () => rescueChain(pickleOf('\x80\x04', FILTER.replace('\x06fields', '\x09__class__'), 'Nsb.'), 'x.pkl'),
      'attribute without a name',
    ],
  ])('%s', (_title, run, text) => {
    expect(run).toThrow(expect.objectContaining({ code: 'LEGACY_CHAIN', message: expect.stringContaining(text) }));
    expect(run).toThrow(
      expect.objectContaining({
        details: expect.objectContaining({ hint: expect.stringContaining('--allow-archive-code') }),
      }),
    );
  });

  it('an empty Compose that is shared two thousand billion times is not walked', () => {
    const levels = Array.from(
      { length: 30 },
      (_, n) => `0${COMPOSE}](h${String.fromCharCode(n)}h${String.fromCharCode(n)}esb\x94`,
    );
    const bytes = pickleOf('\x80\x04', COMPOSE, ']sb\x94', ...levels, '.');
    expect(() => rescueChain(bytes, 'x.pkl')).toThrow('contains itself');
  });

  it('bytes that are no pickle keep their own code', () => {
    expect(() => rescueChain(Buffer.from('PK\x03\x04'), 'x.pkl')).toThrow(
      expect.objectContaining({ code: 'PICKLE_INVALID' }),
    );
  });
});
