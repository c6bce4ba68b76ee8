import { describe, expect, it } from '@jest/globals';
import type { Metadata } from '../../../src/core/metadata/metadata.js';
import { asksForMetadata, describeMissing } from '../../../src/core/model/request-fields.js';
import type { Fields } from '../../../src/core/tensor/value.js';

const tensor = (name: string) => ({ name, type: 'ndarray', dtype: 'float32', shape: [1] });
const metadata = (...names: string[]): Metadata =>
  ({ inputs: names.map(tensor), outputs: [], model_input_list: names, model_output_list: [] }) as unknown as Metadata;
const fields = (...names: string[]): Fields =>
  new Map(names.map((name) => [name, { kind: 'plain', value: 1 } as const]));

describe('a dictionary that is no prediction', () => {
  it('is one that lacks an input of the model', () => {
    expect(asksForMetadata(fields('image'), metadata('image'))).toBe(false);
    expect(asksForMetadata(fields('imgae'), metadata('image'))).toBe(true);
  });

  it.each<[string, Fields, Metadata, string]>([
    [
      'a wrong name',
      fields('imgae'),
      metadata('image'),
      'no prediction but the metadata: missing "image"; found "imgae"; is "imgae" meant to be "image"?',
    ],
    ['nothing', fields(), metadata('image'), 'no prediction but the metadata: missing "image"; found no field'],
    [
      'one of two',
      fields('t1'),
      metadata('t1', 'flair'),
      'no prediction but the metadata: missing "flair"; found "t1"',
    ],
    [
      'what no header can carry',
      fields('a\r\nSet-Cookie: x', 'gr\u00f6\u00dfe'),
      metadata('image'),
      'no prediction but the metadata: missing "image"; found "a\\r\\nSet-Cookie: x", "gr??e"',
    ],
  ])('with %s is told what is missing and what was found', (_, found, wanted, text) => {
    expect(describeMissing(found, wanted)).toBe(text);
  });

  it('of a thousand names is told in short', () => {
    const many = fields(...Array.from({ length: 1000 }, (_, n) => `field${n}`));
    expect(describeMissing(many, metadata('image')).length).toBeLessThan(700);
  });
});
