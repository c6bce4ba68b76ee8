import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');
const text = readFileSync(path.join(ROOT, 'docs', 'torchserve.md'), 'utf8');

/** The rows of the tables that follow the summary; the last cell is the proof, the second the verdict. */
const rows = text
  .split('## Command line')[1]!
  .split('\n')
  .filter((line) => /^\| (?!row \||what \|)/.test(line))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
  .map((cells) => ({ row: cells[0]!, verdict: cells[1] ?? '', proof: cells.at(-1)! }));

/** `file.test.ts › title` in quotes, or bare names of test files. */
function parseProof(proof: string): { file: string; title: string }[] {
  const titled = [...proof.matchAll(/`([^`]+\.test\.ts) › ([^`]+)`/g)].map(([, file, title]) => ({
    file: file!,
    title: title!,
  }));
  return titled.length > 0 ? titled : proof.split(', ').map((name) => ({ file: `${name}.test.ts`, title: '' }));
}

describe('docs/torchserve.md', () => {
  it('gives every row of the contract a verdict', () => {
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.filter(({ verdict }) => !/^(match|improved|dropped)\b/.test(verdict))).toEqual([]);
  });

  it('names only tests that exist', () => {
    const missing = rows.flatMap(({ row, proof }) =>
      parseProof(proof)
        .filter(({ file, title }) => {
          const source = path.join(ROOT, 'test', file);
          return !existsSync(source) || !readFileSync(source, 'utf8').includes(title);
        })
        .map(({ file, title }) => `${row}: ${file} ${title}`),
    );
    expect(missing).toEqual([]);
  });
});
