import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { LOOP_METADATA, loopModel } from '../../.build/test/support/loop-model.js';
import { writeModelArchive } from '../../.build/test/support/model-archive.js';
import { addModel } from '../../.build/test/support/tiny-onnx.js';
import {
  addLoop,
  call,
  createSite,
  EISEN_DEPLOY,
  isGone,
  launch,
  predict,
  serve,
  sleep,
  until,
} from './lib-server.mjs';
import { notRun } from './lib-tools.mjs';

/** A command line that runs its rest with a file system of 8 MiB at a folder; only that process and its children see it. */
const onSmallDisk = (folder) => [
  'unshare',
  '-rm',
  'sh',
  '-c',
  'mount -t tmpfs -o size=8m none "$0" && exec "$@"',
  folder,
];

async function serveFiles(folder) {
  const server = http.createServer((request, response) =>
    response.end(readFileSync(path.join(folder, path.basename(request.url)))),
  );
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Registers by URL an archive for which the store has no room, then one for which it has. */
async function fillStore(room) {
  const site = createSite();
  const files = path.join(room, 'files');
  mkdirSync(files);
  const random = Uint32Array.from({ length: 3_000_000 }, () => Math.floor(Math.random() * 2 ** 31));
  const floats = new Float32Array(random.buffer);
  await writeModelArchive({ folder: files, name: 'large', model: addModel(3_000_000, (n) => floats[n]) });
  await writeModelArchive({ folder: files, name: 'small', model: loopModel(1n), metadata: LOOP_METADATA });
  const origin = await serveFiles(files);
  try {
    const store = path.join(site.folder, 'model_store');
    const lines = ['enable_model_api=true', 'allowed_urls=http://127.*', 'allow_private_urls=true'];
    const { url, pid, server, stop } = await serve(site, { lines, under: onSmallDisk(store) });
    const seen = `/proc/${pid}/root${store}`;
    const register = (name) => {
      const from = encodeURIComponent(`http://127.0.0.1:${origin.address().port}/${name}.mar`);
      return call(`${url}/models?url=${from}&initial_workers=1&synchronous=true`, { method: 'POST' });
    };
    const large = await register('large');
    const filesAfter = readdirSync(seen);
    const listed = JSON.parse((await call(`${url}/models`)).body).models.length;
    const small = await register('small');
    const answer = await predict(url, 'small');
    const lines507 = server
      .output()
      .split('\n')
      .filter((line) => /the disk is full/.test(line)).length;
    const code = await stop();
    return {
      passed:
        large.status === 507 &&
        filesAfter.length === 0 &&
        listed === 0 &&
        small.status === 200 &&
        answer.status === 200 &&
        lines507 === 1 &&
        code === 0,
      large: large.status,
      filesAfter,
      small: small.status,
      answer: answer.status,
      logLines: lines507,
    };
  } finally {
    origin.close();
    site.remove();
  }
}

/** `package` where the archive does not fit: an exit code, a reason, and no half of an archive. */
async function packOnFullDisk(room) {
  const site = createSite();
  try {
    const target = path.join(room, 'target');
    mkdirSync(target);
    const model = path.resolve(import.meta.dirname, '../../fixtures/models/brain-tissue.onnx');
    const args = ['package', '--model', model, '--model-name', 'm', '--version', '1.0', '--export-path', target];
    const fill = 'head -c 8000000 /dev/zero > "$0/ballast"; "$@"; code=$?; ls -A "$0"; exit $code';
    const under = [...onSmallDisk(target), 'sh', '-c', fill, target];
    const { code, stdout, stderr } = await launch(site, EISEN_DEPLOY, args, {}, under).finished;
    const left = stdout
      .trim()
      .split('\n')
      .filter((name) => name !== '');
    return { passed: code !== 0 && left.join() === 'ballast' && /DISK_FULL|no room|full/i.test(stderr), code, left };
  } finally {
    site.remove();
  }
}

/** More connections than the server has descriptors for, then none. */
async function useUpDescriptors() {
  const site = createSite();
  try {
    await addLoop(site, 'm', 1n);
    const { url, port, pid, server, stop } = await serve(site);
    await predict(url, 'm');
    // Room for six more, and only once it runs: Node opens many files at a time when it loads a program.
    const limit = readdirSync(`/proc/${pid}/fd`).length + 6;
    spawnSync('prlimit', ['--pid', String(pid), `--nofile=${limit}:${limit}`]);
    const sockets = Array.from({ length: 200 }, () => net.connect(port, '127.0.0.1').on('error', () => undefined));
    await sleep(2000);
    const open = readdirSync(`/proc/${pid}/fd`).length;
    for (const socket of sockets) socket.destroy();
    const recovered = await until(async () => (await predict(url, 'm')).status === 200, 5000);
    const alive = !isGone(pid);
    const logLines = server
      .output()
      .split('\n')
      .filter((line) => /no file descriptors are left/.test(line)).length;
    const code = await stop();
    return {
      passed: alive && recovered && open >= limit - 1 && code === 0 && logLines === 1,
      limit,
      mostOpen: open,
      recovered,
      logLines,
      code,
    };
  } finally {
    site.remove();
  }
}

export default {
  number: 23,
  title: 'a full disk and no descriptors left: told, survived, and over when the room is back',
  async run({ room }) {
    const missing = notRun('namespaces with own mounts', 'prlimit');
    if (missing !== null) return missing;
    const [store, packing, descriptors] = [await fillStore(room), await packOnFullDisk(room), await useUpDescriptors()];
    return { passed: store.passed && packing.passed && descriptors.passed, store, packing, descriptors };
  },
};
