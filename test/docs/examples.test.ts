import { readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KNOWN_TYPES } from '../../src/core/metadata/field-types.js';
import { writeExampleFiles } from '../support/example-files.js';
import { createSite, EISEN_DEPLOY, run, type Site } from '../support/serve-program.js';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');
const text = readFileSync(path.join(ROOT, 'docs', 'examples.md'), 'utf8');

/** Each chain behind the name of the file that it is. */
const chains = [...text.matchAll(/`([a-z-]+\.json)`[^\n]*:\n\n```json\n([^`]*)```/g)];
/** Each `$` line with what it says. */
const sessions = [...text.matchAll(/^```text\n([^`]*)```$/gm)].flatMap((block) =>
  block[1]!.split(/^\$ /m).flatMap((part) => {
    const [command, ...said] = part.replaceAll(/ *\\\n */g, ' ').split('\n');
    return command === '' ? [] : [{ command: command!, said: said.join('\n') }];
  }),
);

/** Sizes and times are those of the day; the last digits of a score are the processor's. */
const masked = (said: string): string =>
  said
    .replaceAll(/[\d.]+ k?B\b/g, '… B')
    .replaceAll(/[\d.]+ s\b/g, '… s')
    .replaceAll(/(0\.\d{4})\d+/g, '$1')
    .trimEnd();

describe('docs/examples.md', () => {
  let site: Site;
  beforeAll(() => {
    site = createSite();
    rmdirSync(path.join(site.folder, 'model_store'));
    writeExampleFiles(site.folder);
    for (const [, name, chain] of chains) writeFileSync(path.join(site.folder, name!), chain!);
  });
  afterAll(() => site.remove());

  const runLine = async (line: string) => {
    const [program, ...words] = line.split(/ +/);
    if (program === 'cat')
      return { code: 0, stdout: readFileSync(path.join(site.folder, words[0]!), 'utf8'), stderr: '' };
    expect(program).toBe('eisen-deploy');
    return run(site, EISEN_DEPLOY, words);
  };

  it('lists exactly the type names that metadata knows', () => {
    const rows = [...text.matchAll(/^\| (`.*?) \| [^|]* \|$/gm)].map((row) => row[1]!);
    const told = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map((name) => name[1]!));
    expect(told.sort()).toEqual([...KNOWN_TYPES].sort());
  });

  it('shows four chains and seven commands with what they say', () => {
    expect([chains.length, sessions.length]).toEqual([4, 7]);
  });

  it.each(sessions)('tells the truth of $command', async ({ command, said }) => {
    const { stdout, stderr } = await runLine(command);
    expect(masked(stderr + stdout)).toBe(masked(said));
  });

  it('gives the same bytes by a server', async () => {
    const lines = /^```sh\n([^`]*)```$/m
      .exec(text)![1]!
      .split('\n')
      .filter((line) => line.startsWith('eisen-deploy'));
    expect(lines).toHaveLength(2);
    const started = await runLine(lines[0]!);
    const address = /http:\S+/.exec(started.stdout + started.stderr)![0];
    try {
      const asked = await runLine(lines[1]!.replace('http://127.0.0.1:8080', address));
      expect(asked.code).toBe(0);
      const read = (name: string): Buffer => readFileSync(path.join(site.folder, name));
      expect(read('served.nii.gz').equals(read('t1_lesion.nii.gz'))).toBe(true);
    } finally {
      await runLine('eisen-deploy serve --stop');
    }
  });
});
