import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { acceptFor } from '../../../src/commands/predict/accept.js';
import { fileStem, folderOf } from '../../../src/commands/predict/file-stem.js';
import { finalFile, planOutputs } from '../../../src/commands/predict/output-plan.js';

const plan = (names: string[], texts: string[], format: 'npy' | null = null) =>
  planOutputs({
    names,
    texts,
    format,
    besides: { folder: '/scans', stem: 't1' },
    isFolder: (file) => file === 'there',
  }).map(({ name, file, needsEnding, format: form }) => [name, file + (needsEnding ? '*' : ''), form]);

describe('outputs go', () => {
  it.each<[string, string[], string[], unknown[]]>([
    [
      'beside the input unless told otherwise',
      ['a', 'b'],
      [],
      [
        ['a', '/scans/t1_a*', null],
        ['b', '/scans/t1_b*', null],
      ],
    ],
    ['into the file for the only output', ['a'], ['o.nii.gz'], [['a', 'o.nii.gz', 'nifti']]],
    ['into a picture', ['a'], ['o.PNG'], [['a', 'o.PNG', 'png']]],
    ['into the file named for one, and no other is written', ['a', 'b'], ['b=o.npy'], [['b', 'o.npy', 'npy']]],
    [
      'into a folder that is there',
      ['a', 'b'],
      ['there'],
      [
        ['a', 'there/t1_a*', null],
        ['b', 'there/t1_b*', null],
      ],
    ],
    ['into a folder named with a slash', ['a'], ['new/'], [['a', 'new/t1_a*', null]]],
    ['into a folder, one of them', ['a', 'b'], ['b=new/'], [['b', 'new/t1_b*', null]]],
    ['into a path with an equals sign', ['a'], ['./x=y.json'], [['a', './x=y.json', 'json']]],
    [
      'never out of the folder, whatever the output is called',
      ['../../etc/x', '.rc'],
      [],
      [
        ['../../etc/x', '/scans/t1___.._etc_x*', null],
        ['.rc', '/scans/t1__rc*', null],
      ],
    ],
  ])('%s', (_what, names, texts, planned) => {
    expect(plan(names, texts)).toEqual(planned);
  });

  it.each(['o.txt', 'o.dat', 'o', 'a=o.txt'])(
    'into no file called %s, which would not be what its name says',
    (text) => {
      expect(() => plan(['a'], [text])).toThrow(expect.objectContaining({ code: 'USAGE' }));
      expect(plan(['a'], [text], 'npy')).toEqual([['a', text.replace('a=', ''), 'npy']]);
    },
  );

  it('into a file of any ending when they are texts', () => {
    const besides = { folder: '.', stem: 't1' };
    const request = { names: ['a', 'b'], format: null, besides, isFolder: () => false, anyEnding: ['a'] };
    expect(planOutputs({ ...request, texts: ['a=o.txt'] })).toMatchObject([{ name: 'a', file: 'o.txt', format: null }]);
    expect(() => planOutputs({ ...request, texts: ['b=o.txt'] })).toThrow('.txt is not written here');
  });

  it('in the form asked for, whatever the ending says', () => {
    expect(plan(['a'], ['o.nii'], 'npy')).toEqual([['a', 'o.nii', 'npy']]);
    expect(plan(['a'], [], 'npy')).toEqual([['a', '/scans/t1_a*', 'npy']]);
  });

  it.each(['o.mha', 'o.NRRD', 'o.nrrd.gz', 'o.dcm', 'o.jpg', 'o.csv', 'o.npz', 'o.hdr'])(
    'never into %s, which would not be what its name says',
    (file) => {
      expect(() => plan(['a'], [file])).toThrow(expect.objectContaining({ code: 'USAGE', exitCode: 2 }));
      expect(plan(['a'], [file], 'npy')).toEqual([['a', file, 'npy']]);
    },
  );

  it.each([
    ['a bare file for several outputs', ['a', 'b'], ['o.nii']],
    ['an output that is not there', ['mask'], ['mas=o.nii']],
  ])('nowhere with %s', (_what, names, texts) => {
    expect(() => plan(names, texts)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

it('a reply without a planned ending gets that of its form', () => {
  const output = { name: 'a', file: '/x/t1_a', needsEnding: true, format: null };
  expect(finalFile(output, 'application/x-nifti')).toBe('/x/t1_a.nii.gz');
  expect(finalFile(output, 'application/unheard-of')).toBe('/x/t1_a.bin');
  expect(finalFile({ ...output, file: 'o.nii', needsEnding: false }, 'application/x-npy')).toBe('o.nii');
});

it.each([
  ['/a/t1.nii.gz', 't1'],
  ['t1.NII', 't1'],
  ['/scans/series/', 'series'],
  ['scan.v2.nrrd', 'scan.v2'],
  ['.nii', '.nii'],
  ['plain', 'plain'],
])('the stem of %s is %s', (file, stem) => {
  expect(fileStem(file)).toBe(stem);
});

it.each([
  ['t1.nii', '.'],
  ['scans/t1.nii', 'scans'],
  ['../t1.nii', '..'],
  ['/scans/series/', '/scans'],
  ['.', path.dirname(process.cwd())],
  ['..', path.dirname(path.dirname(process.cwd()))],
])('the folder of %s is %s: relative stays relative', (file, folder) => {
  expect(folderOf(file)).toBe(folder);
});

describe('the Accept header', () => {
  const output = (format: 'nifti' | 'npy' | null) => ({ name: 'a', file: 'f', needsEnding: true, format });
  it.each([
    ['one output, any form', [null], 'application/x-nifti+gzip, application/x-npy;q=0.9, application/json;q=0.8'],
    ['one output, one form', ['npy'], 'application/x-npy'],
    ['two outputs', ['npy', 'nifti'], 'multipart/mixed, application/x-npy;q=0.9, application/x-nifti+gzip;q=0.8'],
  ] as const)('for %s', (_what, formats, accept) => {
    expect(acceptFor(formats.map(output))).toBe(accept);
  });
});
