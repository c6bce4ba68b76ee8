import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

/** Room → rooms it may import, as docs/architecture.md tells it. */
const told = new Map(
  [...read('docs/architecture.md').matchAll(/^\| `(core\/[a-z]+)` \| [^|]+ \| ([^|]+) \|$/gm)].map((row) => {
    const names = row[2]!.trim() === 'nothing' ? [] : row[2]!.trim().split(', ');
    return [row[1]!, names.map((name) => (name === 'version' ? name : `core/${name}`)).sort()];
  }),
);

/** The same as test/architecture.test.ts enforces it. */
const enforced = new Map(
  [...read('test/architecture.test.ts').matchAll(/^ {2}'(core\/[a-z]+)': \[([^\]]*)\]/gm)].map((row) => {
    return [row[1]!, [...row[2]!.matchAll(/'([^']+)'/g)].map((name) => name[1]!).sort()];
  }),
);

describe('docs/architecture.md', () => {
  it('names every room and whom it may import, exactly as the architecture test enforces it', () => {
    expect(enforced.size).toBeGreaterThan(10);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(enforced));
  });

  it('names every room that there is', () => {
    const rooms = readdirSync(path.join(ROOT, 'src', 'core')).map((name) => `core/${name.replace('.ts', '')}`);
    expect([...told.keys()]).toEqual(expect.arrayContaining(rooms));
  });
});
