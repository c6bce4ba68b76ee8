import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { nameInputs, readInputs } from '../../../src/commands/predict/inputs.js';
import { zipFolder } from '../../../src/commands/predict/zip-folder.js';
import { openArchive } from '../../../src/core/archive/open-archive.js';
import { wrapNdArray } from '../../../src/core/tensor/ndarray.js';
import { encodeNpy } from '../../../src/core/tensor/npy.js';
import { createScratchFolder } from '../../support/scratch-folder.js';

const folder = createScratchFolder();
const place = (name: string, content: string | Uint8Array): string => {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
};
const inputs = (...names: string[]) => names.map((name) => ({ name, type: 'ndarray', shape: [-1] }));

describe('an input', () => {
  it.each([
    ['is the only one without a name', ['a.nii'], ['image'], [['image', 'a.nii']]],
    ['is named', ['image=a.nii'], ['image'], [['image', 'a.nii']]],
    [
      'is one of several',
      ['t2=b.nii', 't1=a.nii'],
      ['t1', 't2'],
      [
        ['t2', 'b.nii'],
        ['t1', 'a.nii'],
      ],
    ],
    ['may lie under a path with an equals sign', ['/x/y=1/a.nii'], ['image'], [['image', '/x/y=1/a.nii']]],
    ['may be named and have an equals sign in its path', ['image=/y=1/a.nii'], ['image'], [['image', '/y=1/a.nii']]],
  ])('%s', (_what, texts, names, expected) => {
    expect(nameInputs(texts, inputs(...names)).map(({ name, value }) => [name, value])).toEqual(expected);
  });

  it('may have an equals sign in its own name, where that file is there', () => {
    const texts = ['sc an,=;ö.nii.gz'];
    const only = nameInputs(texts, inputs('image'), (file) => file === texts[0]);
    expect(only).toMatchObject([{ name: 'image', value: texts[0] }]);
    const named = nameInputs(['image=a.nii'], inputs('image'), () => true);
    expect(named).toMatchObject([{ name: 'image', value: 'a.nii' }]);
  });

  it.each([
    ['without a name among several', ['a.nii'], ['t1', 't2'], 'USAGE', 'the model has 2 inputs: t1, t2'],
    ['that the model does not have', ['imge=a.nii'], ['image'], 'INPUT_INVALID', 'no such input; it has image'],
    ['given twice', ['t1=a', 't1=b'], ['t1'], 'USAGE', 'given twice'],
    ['missing', ['t1=a'], ['t1', 't2'], 'INPUT_INVALID', 'also needs t2'],
  ])('is refused: %s', (_what, texts, names, code, message) => {
    expect(() => nameInputs(texts, inputs(...names))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});

describe('the value of an input', () => {
  const read = async (value: string, type = 'ndarray') => (await readInputs([{ name: 'x', value, type }])).get('x');

  it('is the bytes of its file', async () => {
    expect(await read(place('a.nii', 'abc'))).toEqual({ kind: 'file', bytes: Buffer.from('abc'), name: 'a.nii' });
  });

  it('is an array from nested lists in a .json file, as over HTTP', async () => {
    const value = await read(place('v.json', '[[1, 2.5], [3, 4]]'));
    if (value?.kind !== 'array') throw new Error('expected an array');
    expect([value.array.dtype, value.array.shape, [...value.array.data]]).toEqual(['float64', [2, 2], [1, 2.5, 3, 4]]);
    await expect(read(place('ragged.json', '[[1], [2, 3]]'))).rejects.toMatchObject({ code: 'MODEL_INPUT' });
    expect(await read(place('w.json', '[1]'), 'nifti')).toMatchObject({ kind: 'file' });
  });

  it('is no pipe and no device: those are not empty files', async () => {
    await expect(read('/dev/null')).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: '/dev/null: that is a pipe or a device; inputs are files.',
    });
  });

  it('is an array from a .npy, told by its bytes', async () => {
    const array = wrapNdArray('int16', [2], Int16Array.of(5, -5));
    const file = place('array.dat', Buffer.concat(encodeNpy(array)));
    expect(await read(file)).toMatchObject({ kind: 'array', array: { dtype: 'int16', shape: [2] } });
  });

  it('is the bytes of a .npy where the model takes a file, for LoadImage to read', async () => {
    const bytes = Buffer.concat(encodeNpy(wrapNdArray('uint8', [2], Uint8Array.of(1, 2))));
    expect(await read(place('scan.npy', bytes), 'nifti')).toMatchObject({ kind: 'file', name: 'scan.npy' });
  });

  it('is text or JSON for inputs of those types, from a file or from the words themselves', async () => {
    const file = place('words.txt', '[1, 2]');
    expect(await read(file, 'str')).toEqual({ kind: 'plain', value: '[1, 2]' });
    expect(await read(file, 'list')).toEqual({ kind: 'plain', value: [1, 2] });
    expect(await read('[3]', 'json')).toEqual({ kind: 'plain', value: [3] });
    expect(await read('hello', 'str')).toEqual({ kind: 'plain', value: 'hello' });
    await expect(read('[3', 'json')).rejects.toMatchObject({ code: 'JSON_INVALID' });
  });

  it('is refused when its file is empty', async () => {
    const file = place('empty.nii', '');
    await expect(read(file)).rejects.toMatchObject({ code: 'INPUT_INVALID', message: `${file}: the file is empty.` });
  });

  it('is missed when its file is', async () => {
    await expect(read('/no/such.nii')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', exitCode: 3 });
  });
});

describe('a folder', () => {
  it('travels as a zip of its files, which any reader opens, the same bytes each time', async () => {
    const series = path.join(folder, 'series');
    place('series/b.dcm', 'second');
    place('series/a.dcm', `${'\0'.repeat(128)}DICM first`);
    place('series/deep/é.dcm', 'third');
    const { bytes: zip } = await zipFolder(series);
    expect(Buffer.compare((await zipFolder(series)).bytes, zip)).toBe(0);
    const archive = await openArchive(place('series.zip', zip));
    expect(archive.entries.map(({ name }) => name)).toEqual(['a.dcm', 'b.dcm', 'deep/é.dcm']);
    expect(Buffer.from(await archive.readEntry('deep/é.dcm', { limitBytes: 100 })).toString()).toBe('third');
    await archive.close();
  });

  it('tells what in it is no DICOM, a few of many by name', async () => {
    place('mixed/IM0', `${'\0'.repeat(128)}DICM first`);
    const names = Array.from({ length: 7 }, (_, n) => `${n}.txt`);
    for (const name of names) place(`mixed/${name}`, 'x');
    const value = path.join(folder, 'mixed');
    const told: string[] = [];
    await readInputs([{ name: 'x', value, type: 'nifti' }], { warn: (line) => told.push(line) });
    expect(told).toEqual([`${value}: no DICOM and not read: 0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 2 more.`]);
  });

  it('is refused when it is empty', async () => {
    mkdirSync(path.join(folder, 'empty'));
    await expect(zipFolder(path.join(folder, 'empty'))).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      exitCode: 3,
      message: expect.stringMatching(/empty: the folder holds no file\.$/),
    });
  });

  it('is refused when nothing in it is DICOM, and says how much was looked at', async () => {
    place('pictures/a.png', 'x');
    place('pictures/deep/b.png', 'DICM');
    await expect(zipFolder(path.join(folder, 'pictures'))).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('holds no DICOM file (looked at 2)'),
    });
  });
});
