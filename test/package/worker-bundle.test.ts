import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from '@jest/globals';

const BUNDLE = path.join(import.meta.dirname, '..', '..', '..', 'dist', 'core', 'serving', 'worker', 'worker-main.cjs');

it('the bundled worker program loads everything that is in it, and refuses a channel that it does not know', () => {
  const { status, stderr } = spawnSync(process.execPath, [BUNDLE, '--sock-type', 'tcp'], { encoding: 'utf8' });
  expect(stderr).toBe('worker: --sock-type is tcp; expected fd.\n');
  expect(status).toBe(2);
});
