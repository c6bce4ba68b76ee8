import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

const documents = readdirSync(path.join(ROOT, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);

/** Commands of the shell blocks of a document, without comments. */
function commandsOf(file: string): string[] {
  return [...read(file).matchAll(/^```(?:sh)?\n([^`]*)```$/gm)].flatMap((block) =>
    block[1]!
      .split('\n')
      .flatMap((line) => line.replace(/#.*$/, '').split('&&'))
      .map((line) => line.trim()),
  );
}

describe('the README', () => {
  it('links to files that are there', () => {
    for (const file of ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', ...documents]) {
      const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]+)/g)].map((link) => link[1]!);
      const missing = links.filter((link) => !existsSync(path.join(ROOT, path.dirname(file), link)));
      expect([file, missing]).toEqual([file, []]);
    }
  });

  it('leads to every document', () => {
    const linked = [...read('README.md').matchAll(/\]\((docs\/[\w-]+\.md)/g)].map((link) => link[1]);
    expect(documents.filter((file) => !linked.includes(file))).toEqual([]);
  });

  it('names no npm script that is not there', () => {
    const named = [...commandsOf('README.md'), ...commandsOf('CONTRIBUTING.md')].flatMap((line) => {
      const name = /^npm run ([\w:]+)/.exec(line)?.[1];
      return name === undefined ? [] : [name];
    });
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it('shows the two commands that each are enough, and CI runs them and the block that runs', () => {
    const ci = read('.ci/run');
    expect(commandsOf('README.md')).toEqual(expect.arrayContaining(['npm ci', 'npm run demo', 'npm cit']));
    for (const command of ['npm cit', 'npm run demo', 'npm run readme', 'npm run lint']) {
      expect(ci.split('\n')).toContain(`step ${command}`);
    }
    expect(read('README.md').match(/^<!-- runs -->$/gm)).toHaveLength(1);
  });

  it('names every flag as the command line knows it', () => {
    const flags = [...read('README.md').matchAll(/(?<![\w-])--([a-z][a-z-]+)/g)].map((flag) => flag[1]!);
    const known = ['metadata', 'package', 'predict', 'serve'].map((name) => read(`src/cli/${name}.ts`)).join('\n');
    const foreign = ['onnxruntime-node-install', 'peers'];
    expect([...new Set(flags)].filter((flag) => !known.includes(`--${flag}`) && !foreign.includes(flag))).toEqual([]);
  });
});
