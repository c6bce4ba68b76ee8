import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findWorkerProgram } from '../../../../src/core/serving/pool/worker-program.js';

describe('the program that a worker starts with', () => {
  let folder: string;
  let modules: string;
  let bundle: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'worker-program-'));
    modules = path.join(folder, 'worker-main.js');
    bundle = path.join(folder, 'worker-main.cjs');
    writeFileSync(modules, '');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is the module as it was compiled where nobody has bundled it', () => {
    expect(findWorkerProgram(modules)).toBe(modules);
  });

  it.each([
    ['the bundle, made after the modules', 100, 200, () => bundle],
    ['the bundle of a package, whose files all have one age', 100, 100, () => bundle],
    ['never a bundle that a later compiler run has left behind', 200, 100, () => modules],
  ])('is %s', (_, modulesAt, bundleAt, expected) => {
    writeFileSync(bundle, '');
    utimesSync(modules, modulesAt, modulesAt);
    utimesSync(bundle, bundleAt, bundleAt);
    expect(findWorkerProgram(modules)).toBe(expected());
  });

  it('exists where this library stands', () => {
    expect(findWorkerProgram()).toMatch(/worker-main\.c?js$/);
  });
});
