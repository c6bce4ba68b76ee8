import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..', '..');

function pack(target, zone, umask) {
  const args = [
    'package',
    '--model',
    path.join(root, 'fixtures/models/brain-tissue.onnx'),
    '--model-name',
    'm',
    '--version',
    '1.0',
  ];
  const line = `umask ${umask}; exec "$0" "$@"`;
  const child = spawn(
    '/bin/sh',
    ['-c', line, process.execPath, path.join(root, 'bin/eisen-deploy.js'), ...args, '--export-path', target, '--quiet'],
    {
      env: { ...process.env, TZ: zone },
      stdio: 'ignore',
    },
  );
  return new Promise((resolve) => child.once('close', resolve));
}

export default {
  number: 4,
  title: 'the same input gives the same archive in every time zone and under every umask',
  async run({ room }) {
    const hashes = new Set();
    let runs = 0;
    for (const zone of ['UTC', 'Pacific/Apia', 'America/St_Johns']) {
      for (const umask of ['022', '077']) {
        const target = path.join(room, String(runs++));
        if ((await pack(target, zone, umask)) !== 0) return { passed: false, failedRun: runs };
        hashes.add(
          createHash('sha256')
            .update(readFileSync(path.join(target, 'm.mar')))
            .digest('hex'),
        );
      }
    }
    return { passed: hashes.size === 1, runs, hashes: hashes.size };
  },
};
