import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { PYTHON_TRANSFORMS, warnOfPython } from '../../../src/core/packaging/python-transforms.js';
import { parseChain } from '../../../src/core/transforms/chain.js';
import { findTransform, TRANSFORMS } from '../../../src/core/transforms/registry.js';

const FOLDER = new URL('../../../../src/core/packaging/python/', import.meta.url);

function tablesOfPython(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.py'))
    .flatMap((name) => {
      const [, table] = /^TABLE = \{\n([\s\S]*?)^\}/m.exec(readFileSync(new URL(name, FOLDER), 'utf8')) ?? [];
      return [...(table ?? '').matchAll(/^ {4}"(\w+)":/gm)].map((match) => match[1]!);
    });
}

it('the list of transforms is the one of the Python sources', () => {
  expect([...PYTHON_TRANSFORMS].sort()).toEqual(tablesOfPython().sort());
});

it('every transform of the Python handler is one of ours', () => {
  expect([...PYTHON_TRANSFORMS].filter((name) => findTransform(name) === undefined)).toEqual([]);
});

it('a chain that the Python handler can run brings no warning', () => {
  const chain = parseChain([{ type: 'ZScore', params: { fields: ['image'] } }], 'pre.json');
  expect(warnOfPython([chain])).toEqual([]);
});

it('the warning names each missing transform once', () => {
  const missing = TRANSFORMS.filter(({ name }) => !PYTHON_TRANSFORMS.has(name));
  expect(missing.map(({ name }) => name)).toContain('KeepLargestComponent');
  const step = { type: 'KeepLargestComponent', params: { fields: ['image'] } };
  const [line, ...more] = warnOfPython([parseChain([step, step], 'post.json')]);
  expect(line).toBe(
    "the Python handler for TorchServe has no KeepLargestComponent: this archive runs in eisen-deploy's server only",
  );
  expect(more).toEqual([]);
});
