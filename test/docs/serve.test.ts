import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { addServeCommand } from '../../src/cli/serve.js';
import { CONFIG_KEYS } from '../../src/core/serving/config/config-keys.js';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');
const text = readFileSync(path.join(ROOT, 'docs', 'serve.md'), 'utf8');

describe('docs/serve.md', () => {
  it('lists exactly the keys that there are, with what each does', () => {
    const rows = [...text.matchAll(/^\| `([a-z_0-9]+)` \| (\w+) \| (?:`(\w+)`)? ?\| (.*) \|$/gm)];
    const told = rows.map(([, name, verdict, env, note]) => ({ name, verdict, env: env ?? null, note }));
    expect(told).toEqual([...CONFIG_KEYS.values()]);
  });

  it('names only flags that there are', () => {
    const program = new Command();
    addServeCommand(program);
    const known = program.commands[0]!.options.flatMap(({ long }) => (long == null ? [] : [long]));
    const named = [...text.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(([flag]) => flag);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((flag) => !known.includes(flag))).toEqual([]);
  });
});
