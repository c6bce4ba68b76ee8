import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { HOSTILE_TARS } from '../../support/hostile-tars.js';
import { HOSTILE_ZIPS } from '../../support/hostile-zips.js';
import { createScratchFolder } from '../../support/scratch-folder.js';

const folder = createScratchFolder();
const PROGRAM = path.resolve(import.meta.dirname, '..', '..', 'support', 'refuse-archives.js');
const LIMIT_KB = 64 * 1024;

interface Refusal {
  readonly name: string;
  readonly code: string;
  readonly kb: number;
  readonly ms: number;
}

/** What the kernel counts: there is nothing like it on other systems. */
const describeOnLinux = existsSync('/proc/self/clear_refs') ? describe : describe.skip;
if (describeOnLinux === describe.skip) process.stderr.write('hostile-memory: skipped, there is no /proc here\n');

describeOnLinux('a hostile archive, whatever it claims,', () => {
  it('is refused within 64 MB above what the process held before, in a heap of 48 MB', () => {
    const codes = new Map<string, string>();
    const put = (name: string, code: string, bytes: Buffer): void => {
      writeFileSync(path.join(folder, name), bytes);
      codes.set(name, code);
    };
    for (const [n, { code, make }] of HOSTILE_ZIPS.entries()) put(`${n}.mar`, code, make());
    for (const [n, [, code, make]] of HOSTILE_TARS.entries()) put(`${n}.tar.gz`, code, make());
    const lines = execFileSync(process.execPath, ['--expose-gc', '--max-old-space-size=48', PROGRAM, folder], {
      encoding: 'utf8',
    });
    const refusals = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Refusal);
    expect(new Map(refusals.map(({ name, code }) => [name, code]))).toEqual(codes);
    expect(refusals.filter(({ kb }) => kb > LIMIT_KB)).toEqual([]);
    expect(refusals.filter(({ ms }) => !(ms > 0))).toEqual([]);
  });

  it('is one of as many as the documentation says were measured', () => {
    const text = readFileSync(path.resolve(import.meta.dirname, '../../../../docs/archives.md'), 'utf8');
    expect(text).toContain(`The ${HOSTILE_ZIPS.length + HOSTILE_TARS.length} hostile archives of the test suite`);
  });
});
