import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AccuracyResult, makeAccuracyCases, packDemoModel, runAccuracyCase } from './accuracy-cases.js';

/** Measured by `npm run accuracy` and stated in the README; a run may fall short of them by MARGIN. */
const STATED: Record<string, readonly [rest: number, grey: number, white: number]> = {
  'Colin 27, as published': [0.614, 0.893, 0.91],
  'Colin 27, big-endian int16': [0.614, 0.893, 0.91],
  'Colin 27, oblique LAS 1×1×1.2 mm, int16 with scl_slope': [0.491, 0.866, 0.91],
  'Colin 27, 1×1×3 mm': [0.515, 0.883, 0.921],
  'MNI152, as published': [0.778, 0.937, 0.929],
  'MNI152, another scanner (contrast, bias field, noise)': [0.755, 0.934, 0.912],
  'MNI152, oblique LAS 1×1×1.2 mm, int16 with scl_slope': [0.696, 0.923, 0.915],
  'MNI152, 1×1×3 mm': [0.759, 0.937, 0.925],
};
const MARGIN = 0.015;

describe('the demo model on real scans, whatever their grid and storage', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'eisen-accuracy-'));
  const cases = [...makeAccuracyCases()];
  const results = new Map<string, AccuracyResult>();
  let archive: string;

  beforeAll(async () => {
    archive = await packDemoModel(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is measured on every scan that has a stated figure', () => {
    expect(cases.map(({ name }) => name).sort()).toEqual(Object.keys(STATED).sort());
  });

  it('has the same figures in the README', () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    for (const { name, against } of cases) {
      expect(readme).toContain(
        `| ${name} | ${against} | ${STATED[name]!.map((value) => value.toFixed(3)).join(' | ')} |`,
      );
    }
  });

  it.each(Object.keys(STATED))(
    'reaches the stated Dice on the grid of the scan itself: %s',
    async (name) => {
      const one = cases.find((candidate) => candidate.name === name)!;
      const result = await runAccuracyCase(archive, one);
      results.set(one.name, result);
      expect(result.affine).toEqual(one.affine);
      expect(result.labels.length).toBe(one.reference.length);
      const short = result.dice.map((value, n) => STATED[one.name]![n]! - value).filter((gap) => !(gap <= MARGIN));
      expect({ dice: result.dice, short }).toEqual({ dice: result.dice, short: [] });
    },
    180_000,
  );

  it('gives a big-endian copy the labels of the original, every voxel', () => {
    const [a, b] = ['Colin 27, as published', 'Colin 27, big-endian int16'].map((name) => results.get(name)!.labels);
    expect(Buffer.compare(Buffer.from(a as Uint8Array), Buffer.from(b as Uint8Array))).toBe(0);
  });
});
