import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { createNodeLauncher } from '../../../../src/core/serving/pool/node-launcher.js';
import { findParentLink, tryParentLink } from '../../../../src/core/serving/pool/parent-link.js';
import { until } from '../../../support/until.js';
import { isAlive } from '../../../support/workers/is-alive.js';

jest.setTimeout(60_000);
const WORKER = path.resolve(import.meta.dirname, '../../../../src/core/serving/worker/worker-main.js');

describe('the link of a worker to the life of its server', () => {
  it.each(['/nonexistent/setpriv', '/bin/false'])('is none where %s cannot make one', (program) => {
    expect(tryParentLink(program)).toBeNull();
  });

  const link = findParentLink();
  if (link === null) process.stderr.write('parent-link: one test skipped, there is no setpriv with --pdeathsig here\n');
  (link === null ? it.skip : it)('has the kernel end a process that listens to nothing (needs setpriv)', async () => {
    const [command, ...before] = [...link!, process.execPath];
    const program = `
      const { spawn } = require('node:child_process');
      const child = spawn(${JSON.stringify(command)}, ${JSON.stringify(before)}.concat(['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1e6)']), { stdio: 'ignore' });
      console.log(child.pid);
    `;
    const parent = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = Number(await new Promise<Buffer>((resolve) => parent.stdout.once('data', resolve)));
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(pid));
  });

  it('stands in front of the command, with the process that the worker belongs to', () => {
    const options = { modelName: 'm', archivePath: 'm.mar', batchSize: 1, env: {} };
    const request = { workerId: '9000', folder: '/run/w', threads: 1 };
    const linked = createNodeLauncher({ ...options, parentLink: ['/bin/link', '--'] }).plan(request);
    expect(linked.command).toBe('/bin/link');
    expect(linked.args.slice(0, 2)).toEqual(['--', process.execPath]);
    expect(linked.args.join(' ')).toContain(`--server-pid ${process.pid}`);
    const free = createNodeLauncher({ ...options, parentLink: null }).plan(request);
    expect(free.command).toBe(process.execPath);
    expect(free.args).not.toContain('--server-pid');
  });

  it('is looked at by the worker: one whose server died before the link held ends at once', () => {
    const { status, stdout } = spawnSync(process.execPath, [WORKER, '--server-pid', '1'], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
  });
});
