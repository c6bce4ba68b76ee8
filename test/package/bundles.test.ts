import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = path.resolve(import.meta.dirname, '..', '..', '..');
const run = (...args: string[]) => spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });

describe('the bundles that the build makes', () => {
  it('load a worker with everything that it is made of, modules that look for their own place included', () => {
    const { status, stderr } = run('dist/core/serving/worker/worker-main.cjs', '--sock-type', 'x');
    expect({ status, stderr }).toEqual({ status: 2, stderr: 'worker: --sock-type is x; expected fd.\n' });
  });

  it('load the server in its own words', () => {
    const { serve, serveAsChild, listenForSignals } = JSON.parse(
      run(
        '-p',
        'JSON.stringify(Object.fromEntries(Object.entries(require("./dist/serve.cjs")).map(([k, v]) => [k, typeof v])))',
      ).stdout,
    ) as Record<string, string>;
    expect({ serve, serveAsChild, listenForSignals }).toEqual({
      ...{ serve: 'function', serveAsChild: 'function', listenForSignals: 'function' },
    });
  });

  it('end the build where a module would ask in vain where it stands', () => {
    const program = `
      import { build } from 'esbuild';
      import { EMPTY_IMPORT_META, keepPlaces } from './scripts/keep-places.mjs';
      await build({
        stdin: { contents: 'console.log(import.meta.url)', resolveDir: '.' },
        ...{ bundle: true, platform: 'node', format: 'cjs', write: false, logLevel: 'warning' },
        ...{ logOverride: EMPTY_IMPORT_META, plugins: [keepPlaces('dist')] },
      });`;
    const { status, stderr } = run('--input-type=module', '-e', program);
    expect(status).toBe(1);
    expect(stderr).toContain('"import.meta" is not available');
  });

  it('hold no import.meta that was emptied', () => {
    for (const bundle of ['start.cjs', 'serve.cjs', 'core/serving/worker/worker-main.cjs']) {
      expect(readFileSync(path.join(ROOT, 'dist', bundle), 'utf8')).not.toMatch(/import_meta|import\.meta/);
    }
  });
});
