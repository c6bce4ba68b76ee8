import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..', '..');

/** Files of a folder come in the order of their making from some file systems. */
const NAMES = ['b.txt', 'a.txt', 'c/d.txt', 'ä.txt', '10.txt', '9.txt', 'Z.txt'];

function makeExtras(folder, names) {
  mkdirSync(path.join(folder, 'c'), { recursive: true });
  for (const name of names) writeFileSync(path.join(folder, name), `content of ${name}`);
  return folder;
}

function pack({ target, zone, umask, extras }) {
  const args = [
    'package',
    '--model',
    path.join(root, 'fixtures/models/brain-tissue.onnx'),
    '--model-name',
    'm',
    '--version',
    '1.0',
    '--extra-files',
    extras,
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
  title: 'the same input gives the same archive in every time zone, under every umask, in every order of files',
  async run({ room }) {
    const hashes = new Set();
    const orders = [NAMES, NAMES.toReversed()].map((names, n) =>
      makeExtras(path.join(room, `order${n}`, 'files'), names),
    );
    const ways = ['UTC', 'Pacific/Apia', 'America/St_Johns'].flatMap((zone) =>
      ['022', '077'].flatMap((umask) =>
        orders.flatMap((extras) => [1, 2].map((turn) => ({ zone, umask, extras, turn }))),
      ),
    );
    const failed = [];
    const rest = ways.map((way, n) => ({ ...way, target: path.join(room, String(n)) }));
    const work = async () => {
      for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
        if ((await pack(next)) !== 0) failed.push(next);
        else {
          const bytes = readFileSync(path.join(next.target, 'm.mar'));
          hashes.add(createHash('sha256').update(bytes).digest('hex'));
        }
      }
    };
    await Promise.all([work(), work()]);
    return { passed: failed.length === 0 && hashes.size === 1, runs: ways.length, hashes: hashes.size, failed };
  },
};
