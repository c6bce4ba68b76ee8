import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { KNOWN_TYPES } from '../../src/core/metadata/field-types.js';
import { parseChain } from '../../src/core/transforms/chain.js';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');
const text = readFileSync(path.join(ROOT, 'docs', 'examples.md'), 'utf8');
const chains = [...text.matchAll(/^```json\n([^`]*)```$/gm)].map((block) => block[1]!);

describe('docs/examples.md', () => {
  it('lists exactly the type names that metadata knows', () => {
    const rows = [...text.matchAll(/^\| (`.*?) \| [^|]* \|$/gm)].map((row) => row[1]!);
    const told = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map((name) => name[1]!));
    expect(told.sort()).toEqual([...KNOWN_TYPES].sort());
  });

  it('shows four chains', () => expect(chains).toHaveLength(4));

  it.each(chains)('shows a chain whose steps and parameters exist: %s', (chain) => {
    expect(() => parseChain(JSON.parse(chain), 'docs/examples.md')).not.toThrow();
  });
});
