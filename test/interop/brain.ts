import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decodeImage } from '../../src/core/imaging/decode-image.js';
import { encodeNifti } from '../../src/core/imaging/nifti/write.js';
import { castArray } from '../../src/core/tensor/cast.js';
import { sliceAxis } from '../../src/core/tensor/layout.js';
import type { Affine } from '../../src/core/tensor/value.js';
import { ROOT } from './peer-python.js';

const FIXTURES = path.join(ROOT, 'fixtures');

export function cli(args: readonly string[], cwd: string): string {
  const run = spawnSync(process.execPath, [path.join(ROOT, 'bin', 'eisen-deploy.js'), ...args], {
    cwd,
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(`eisen-deploy ${args.join(' ')}: exit ${run.status}\n${run.stderr}`);
  return run.stdout;
}

/** Packs the demo model by the command, as the README does; gives the archive's path. */
export function packBrain(folder: string, name = 'brain', more: readonly string[] = []): string {
  const model = path.join(FIXTURES, 'models', 'brain-tissue.onnx');
  const chains = ['pre', 'post'].flatMap((part) => [
    `--${part}-processing`,
    path.join(FIXTURES, 'chains', `brain-${part}.json`),
  ]);
  cli(['metadata', 'create', '--from', model, ...chains, '-o', 'metadata.json'], folder);
  const names = ['--model-name', name, '--version', '1.0', '--export-path', folder, '--force'];
  cli(['package', '--model', model, '--metadata', 'metadata.json', ...chains, ...names, ...more], folder);
  return path.join(folder, `${name}.mar`);
}

/** The demo scan as published. */
export function demoScan(): Buffer {
  return readFileSync(path.join(FIXTURES, 'volumes', 'ch2bet.nii.gz'));
}

/** A block out of the middle of the demo scan, laid obliquely and stored as int16: small, and nothing about it is easy. */
export async function obliqueBlock(version: 1 | 2 = 1): Promise<Buffer> {
  const image = await decodeImage(demoScan(), { name: 'ch2bet.nii.gz' });
  const block = [60, 80, 70].reduce(
    (array, start, axis) => sliceAxis(array, axis, { start, stop: start + [52, 44, 38][axis]! }),
    image.array,
  );
  const affine: Affine = [-1.1, 0.2, 0.05, 30, 0.18, 1.2, -0.25, -40, 0.1, 0.22, 1.35, -10, 0, 0, 0, 1];
  const geometry = {
    affine,
    spatialAxes: [0, 1, 2],
    // An empty header of version 2, from elsewhere, makes the writer stay with that version.
    original:
      version === 1
        ? { shape: block.shape, affine, source: 'array' as const }
        : { shape: [], affine, source: 'nifti' as const, headerBytes: new Uint8Array(540) },
  } as const;
  return Buffer.concat(encodeNifti({ array: castArray(block, 'int16'), geometry, compress: true }));
}
