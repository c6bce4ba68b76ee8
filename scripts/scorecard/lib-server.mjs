// What the tests of the scorecard share: a real server of this checkout in a folder of its own.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { call } from '../../.build/test/support/http-call.js';
import { LOOP_BODY, LOOP_METADATA, loopModel } from '../../.build/test/support/loop-model.js';
import { writeModelArchive } from '../../.build/test/support/model-archive.js';
import { createSite, EISEN_DEPLOY, launch, run } from '../../.build/test/support/serve-program.js';

export { call, EISEN_DEPLOY, LOOP_BODY, launch, loopModel, run };

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A loop model of so many turns as an archive of the store. */
export async function addLoop(site, name, turns) {
  const folder = path.join(site.folder, 'model_store');
  mkdirSync(folder, { recursive: true });
  return writeModelArchive({ folder, name, model: loopModel(turns), metadata: LOOP_METADATA });
}

/** Serves a site in the foreground on one free port; with tokens or three ports give the lines yourself. */
export async function serve(site, { lines = [], args = ['--port', '0'], under = [] } = {}) {
  site.configure(...lines);
  const server = launch(site, EISEN_DEPLOY, ['serve', '--ncs', ...args], {}, under);
  await server.waitFor('Model server started.');
  const urls = [...server.output().matchAll(/http:\/\/127\.0\.0\.1:(\d+)/g)].map(([url]) => url);
  return {
    server,
    url: urls[0],
    urls,
    port: Number(new URL(urls[0]).port),
    pid: server.child.pid,
    async stop() {
      server.child.kill('SIGTERM');
      return (await server.finished).code;
    },
  };
}

export { createSite };

export function predict(url, name, headers = {}) {
  return call(`${url}/predictions/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: LOOP_BODY,
  });
}

export async function workersOf(url, name) {
  const { body } = await call(`${url}/models/${name}`);
  return JSON.parse(body)[0].workers;
}

/** True when the process has ended; a zombie that waits for its parent has. */
export function isGone(pid) {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

export async function until(condition, limitMs) {
  for (const end = Date.now() + limitMs; Date.now() < end; await sleep(20)) if (await condition()) return true;
  return condition();
}

/** Resident memory of a process in bytes. */
export function memoryOf(pid) {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib ?? 0) * 1024;
}

/** By how many bytes a process has grown at most since this call; what it had given back by the end counts too. */
export function followPeak(pid) {
  const before = memoryOf(pid);
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  return () => {
    const kib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1];
    return Number(kib) * 1024 - before;
  };
}

/** Processes that this one has started and that still run. */
export function childrenOf(parent) {
  const isChild = (pid) => {
    try {
      const [state, ppid] = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return Number(ppid) === parent && state !== 'Z';
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isChild(name))
    .map(Number);
}

export const filesOf = (site) => readdirSync(path.join(site.folder, 'tmp'));

/** Sends bytes and gives what comes back until the server ends the connection, `limitMs` have passed, or one answer has begun when that is enough. */
export function sendRaw(port, bytes, limitMs = 3000, oneAnswer = false) {
  return new Promise((resolve) => {
    let text = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    const finish = (closed) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, closed });
    };
    const timer = setTimeout(() => finish(false), limitMs);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (oneAnswer && text.includes('\r\n\r\n')) finish(false);
    });
    socket.on('error', () => finish(true));
    socket.on('close', () => finish(true));
  });
}

export function quantile(values, at) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? 0;
}
