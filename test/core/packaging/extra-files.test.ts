import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { expandGlob, hasGlob, segmentPattern } from '../../../src/core/packaging/expand-glob.js';
import { collectExtraFiles } from '../../../src/core/packaging/extra-files.js';
import { codeOfAsync } from '../../support/codes.js';
import { createScratchFolder } from '../../support/scratch-folder.js';

const folder = createScratchFolder();
const at = (...parts: string[]): string => path.join(folder, ...parts);
for (const file of [
  ...['a.txt', 'b.txt', 'br[1].txt', ' blank.txt', 'c.json', 'tree/a.txt', 'tree/sub/d.txt', 'tree/.hidden'],
  ...['tree/__pycache__/x.pyc', 'tree/.git/config', 'tree/__MACOSX/x', 'other/sub/e.txt'],
]) {
  mkdirSync(path.dirname(at(file)), { recursive: true });
  writeFileSync(at(file), file);
}

async function collect(...items: string[]): Promise<{ names: string[]; warnings: string[] }> {
  const warnings: string[] = [];
  const entries = await collectExtraFiles(items.map((item) => at(item)).join(','), (line) => warnings.push(line));
  return { names: entries.map((entry) => entry.name).sort(), warnings };
}

describe('extra files', () => {
  it.each<[string, string[], string[]]>([
    ['a file goes to the root', ['tree/sub/d.txt'], ['d.txt']],
    ['a pattern', ['?.txt'], ['a.txt', 'b.txt']],
    ['a pattern with a set', ['[!a].txt'], ['b.txt']],
    ['a file that is called like a pattern is that file', ['br[1].txt'], ['br[1].txt']],
    ['the same file twice counts once', ['a.txt', 'a.txt', '?.txt'], ['a.txt', 'b.txt']],
    ['an empty item is nothing', ['a.txt,'], ['a.txt']],
  ])('%s', async (_title, items, names) => {
    expect((await collect(...items)).names).toEqual(names);
  });

  it('of a folder its content goes to the root, without caches and hidden files', async () => {
    const { names, warnings } = await collect('tree');
    expect(names).toEqual(['a.txt', 'sub/d.txt']);
    expect(warnings).toEqual([expect.stringMatching(/tree\/\.hidden: left out; names that begin with a dot/)]);
  });

  it('a blank after a comma is dropped, unless a file is called so', async () => {
    const list = `${at('a.txt')}, ${at('b.txt')},${at(' blank.txt')}`;
    const entries = await collectExtraFiles(list, () => undefined);
    expect(entries.map((entry) => entry.name)).toEqual(['a.txt', 'b.txt', ' blank.txt']);
  });

  it('a pattern that matches nothing is a warning', async () => {
    expect((await collect('*.nothing')).warnings).toEqual([
      `Given wildcard pattern did not match any file: ${at('*.nothing')}`,
    ]);
  });

  it.each<[string, string[], string]>([
    ['two files for one name', ['a.txt', 'tree/a.txt'], 'USAGE'],
    ['a file and one of a folder for one name', ['a.txt', 'tree'], 'USAGE'],
    ['a file that is not there', ['nowhere.txt'], 'FILE_NOT_FOUND'],
    ['a link that leads nowhere', ['broken'], 'USAGE'],
  ])('%s: refused', async (_title, items, code) => {
    mkdirSync(at('broken'), { recursive: true });
    try {
      symlinkSync('/nowhere', at('broken', 'link'));
    } catch {
      // It is there from the row before.
    }
    expect(await codeOfAsync(collect(...items))).toBe(code);
  });

  it('names both files that fight for a name', async () => {
    await expect(collect('a.txt', 'tree/a.txt')).rejects.toThrow(
      `${at('tree/a.txt')} and ${at('a.txt')} would both be 'a.txt'`,
    );
  });
});

describe('expandGlob', () => {
  it('goes through folders and gives sorted paths', async () => {
    expect(await expandGlob(at('*', 'sub', '*.txt'))).toEqual([at('other/sub/e.txt'), at('tree/sub/d.txt')]);
  });

  it('leaves hidden names to patterns that ask for them', async () => {
    expect(await expandGlob(at('tree', '*'))).not.toContain(at('tree/.hidden'));
    expect(await expandGlob(at('tree', '.h*'))).toEqual([at('tree/.hidden')]);
  });

  it.each<[string, string, boolean]>([
    ['*.txt', 'a.txt', true],
    ['*.txt', 'atxt', false],
    ['a?c', 'abc', true],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[]]x', ']x', true],
    ['a+(b)$', 'a+(b)$', true],
    ['[unclosed', '[unclosed', true],
  ])('%s on %s: %s', (pattern, name, matches) => {
    expect(segmentPattern(pattern).test(name)).toBe(matches);
  });

  it('knows a pattern when it sees one', () => {
    expect(['a*', 'a?', '[a]'].every(hasGlob)).toBe(true);
    expect(['a', 'a]', '[a'].some(hasGlob)).toBe(false);
  });
});
