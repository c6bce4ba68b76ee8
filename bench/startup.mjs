import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { cleanEnvironment } from './_server-process.mjs';

export const title = 'the command line against bare node';

export default async function ({ compare, note, root }) {
  const bin = path.join(root, 'bin', 'eisen-deploy.js');
  const run = (...args) => {
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: cleanEnvironment() });
    if (status !== 0) throw new Error(`${args.join(' ')}: exit ${status}: ${stderr}`);
  };
  await compare(
    {
      'node -e 0': () => run('-e', '0'),
      'eisen-deploy --help': () => run(bin, '--help'),
      'eisen-deploy predict --help': () => run(bin, 'predict', '--help'),
      'eisen-deploy --version': () => run(bin, '--version'),
    },
    { runs: 21, warm: 2, title: 'start-up' },
  );
  note('whole processes, spawned one after the other; the goal for --help is 1.15 times bare node');
}
