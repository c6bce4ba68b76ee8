import { spawnSync } from 'node:child_process';
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
});
