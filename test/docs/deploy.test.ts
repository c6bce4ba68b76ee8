import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { parseAllDocuments } from 'yaml';
import { addPredictCommand } from '../../src/cli/predict.js';
import { addServeCommand } from '../../src/cli/serve.js';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');
const text = readFileSync(path.join(ROOT, 'docs', 'deploy.md'), 'utf8');
const block = (kind: string): string => new RegExp(`\`\`\`${kind}\\n([\\s\\S]*?)\`\`\``).exec(text)![1]!;

function flagsOf(add: (program: Command) => void): string[] {
  const program = new Command();
  add(program);
  return program.commands[0]!.options.flatMap(({ long }) => (long == null ? [] : [long]));
}

const flagsIn = (source: string): string[] => [...source.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(([flag]) => flag);

describe('docs/deploy.md', () => {
  it.each(['ini', 'dockerfile', 'yaml'])('gives serve only flags that it has: %s', (kind) => {
    const named = flagsIn(block(kind)).filter((flag) => !['--global', '--onnxruntime-node-install'].includes(flag));
    expect(named.length).toBeGreaterThan(2);
    expect(named.filter((flag) => !flagsOf(addServeCommand).includes(flag))).toEqual([]);
  });

  it('builds the image from the tarball of this version, as the README makes it', () => {
    const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
    const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
    const [, flag] = /npm install -g \S+\.tgz (--\S+)/.exec(readme)!;
    expect(block('dockerfile')).toContain(`RUN npm install --global /tmp/eisen-deploy-${version}.tgz ${flag}\n`);
  });

  it('gives predict only flags that it has', () => {
    const line = block('sh')
      .split('\n')
      .find((one) => one.includes('predict'))!;
    expect(flagsIn(line).filter((flag) => !flagsOf(addPredictCommand).includes(flag))).toEqual([]);
  });

  it('has manifests that are YAML, with the probes on paths that the server has', () => {
    const documents = parseAllDocuments(block('yaml'));
    expect(documents.flatMap((document) => ('errors' in document ? document.errors : []))).toEqual([]);
    expect(block('yaml')).toContain('/v2/health/ready');
  });
});
