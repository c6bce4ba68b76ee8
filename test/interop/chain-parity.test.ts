import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { encodeFields } from '../../src/core/tensor/msgpack.js';
import { wrapNdArray } from '../../src/core/tensor/ndarray.js';
import type { Fields, Plain, Value } from '../../src/core/tensor/value.js';
import { parseChain } from '../../src/core/transforms/chain.js';
import { runChain } from '../../src/core/transforms/run-chain.js';
import { CHAIN_CASES } from './chain-cases.js';
import { peerPython, ROOT } from './peer-python.js';

interface Verdict {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Arrays, scaling and places side by side, so that all of them travel as msgpack. */
function flatten(fields: Fields): Fields {
  const out: Fields = new Map();
  const plain = (value: Plain): Value => ({ kind: 'plain', value });
  for (const [name, value] of fields) {
    if (value.kind === 'image') {
      out.set(name, { kind: 'array', array: value.array });
      out.set(`${name}:scaling`, plain([value.scaling?.slope ?? 1, value.scaling?.intercept ?? 0]));
    } else if (value.kind === 'array') out.set(name, { kind: 'array', array: value.array });
    else out.set(name, value);
    if ('geometry' in value && value.geometry !== undefined) {
      const { affine, spatialAxes } = value.geometry;
      out.set(`${name}:affine`, { kind: 'array', array: wrapNdArray('float64', [4, 4], Float64Array.from(affine)) });
      out.set(`${name}:axes`, plain([...spatialAxes]));
    }
  }
  return out;
}

const verdicts = new Map<string, Verdict>();
const folder = mkdtempSync(path.join(tmpdir(), 'chains-'));

beforeAll(async () => {
  for (const [n, { name, steps, fields, tolerance }] of CHAIN_CASES.entries()) {
    const file = path.join(folder, String(n).padStart(4, '0'));
    let result: Fields;
    try {
      result = await runChain(parseChain(steps, name), fields);
    } catch (error) {
      verdicts.set(name, { name, ok: false, detail: `ours: ${String(error)}` });
      continue;
    }
    writeFileSync(`${file}.in`, Buffer.concat(encodeFields(fields)));
    writeFileSync(`${file}.out`, Buffer.concat(encodeFields(flatten(result))));
    writeFileSync(`${file}.json`, JSON.stringify({ name, steps, tolerance }));
  }
  const script = path.join(ROOT, 'test/interop/check_chains.py');
  const handler = path.join(ROOT, 'src/core/packaging/python');
  const run = spawnSync(peerPython(), [script, handler, folder], { encoding: 'utf8', maxBuffer: 1 << 26 });
  for (const line of run.stdout.split('\n').filter(Boolean)) {
    const verdict = JSON.parse(line) as Verdict;
    verdicts.set(verdict.name, verdict);
  }
  if (run.status !== 0) throw new Error(run.stderr);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each(CHAIN_CASES.map(({ name }) => name))('the Python handler agrees on %s', (name) => {
  expect(verdicts.get(name)).toEqual({ name, ok: true, detail: '' });
});

it('the Python handler refuses by name to resample an image of two axes, which has no place in space', () => {
  const program = `
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from eisen_deploy_eisen import resample_nifti_volumes
from eisen_deploy_values import Image
resample_nifti_volumes({"scan": Image(np.zeros((3, 2), np.int16), 1.0, 0.0, None)}, ["scan"], [1, 1, 1])`;
  const handler = path.join(ROOT, 'src/core/packaging/python');
  const { stderr } = spawnSync(peerPython(), ['-c', program, handler], { encoding: 'utf8' });
  expect(stderr).toContain("BadInput: field 'scan' has no known geometry");
});
