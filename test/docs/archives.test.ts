import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ARCHIVE_CODES } from '../../src/core/errors/codes/archive.js';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');

describe('docs/archives.md', () => {
  it('lists exactly the codes that exist, with their meaning (else run `npm run docs`)', () => {
    const text = readFileSync(path.join(ROOT, 'docs', 'archives.md'), 'utf8');
    const table = text.slice(text.indexOf('## Codes'));
    const listed = [...table.matchAll(/^\| `([A-Z0-9_]+)` \| (.+) \|$/gm)].map((row) => [row[1], row[2]]);
    expect(listed).toEqual(Object.entries(ARCHIVE_CODES).map(([code, { means }]) => [code, means]));
  });

  it('names no code that no test provokes', () => {
    const tests = path.join(ROOT, 'test');
    const text = readdirSync(tests, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(path.join(tests, name), 'utf8'))
      .join('\n');
    expect(Object.keys(ARCHIVE_CODES).filter((code) => !text.includes(`'${code}'`))).toEqual([]);
  });
});
