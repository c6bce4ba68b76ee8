// node bench/_small-requests.mjs [--rounds 5] [--peers]
//
// What one no-op prediction of two floats costs: predictions a second, latency, and microseconds of processor time of the
// server's main process and of its workers, with 1, 8 and 64 connections. Rounds of a second, interleaved: medians of the
// first two, the least of the others, because a busy machine can only add to them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chooseLoadGenerator } from './_load-generator.mjs';
import { readCpu } from './_process-cpu.mjs';
import { prepareServers } from './_servers.mjs';
import { median, renderTable } from './table.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, peers: { type: 'boolean', default: false } },
});
const root = path.resolve(import.meta.dirname, '..');
const scratch = mkdtempSync(path.join(tmpdir(), 'eisen-bench-'));
const print = (text) => process.stdout.write(`${text}\n`);

async function measureOnce({ port, pid }, load, connections) {
  const before = readCpu(pid);
  const { count, failures, perSecond, p50 } = await load({ port, connections, seconds: 1 });
  const after = readCpu(pid);
  const each = (ms) => (ms * 1000) / count;
  return {
    perSecond,
    p50: p50 * 1000,
    failures,
    main: each(after.mainMs - before.mainMs),
    worker: each(after.childrenMs - before.childrenMs),
  };
}

async function measure(server, load) {
  const found = new Map([1, 8, 64].map((connections) => [connections, []]));
  await load({ port: server.port, connections: 8, seconds: 4 });
  for (let n = 0; n < Number(values.rounds); n += 1) {
    for (const [connections, rounds] of found) rounds.push(await measureOnce(server, load, connections));
  }
  return [...found].map(([connections, rounds]) => {
    const all = (name) => rounds.map((round) => round[name]);
    return {
      connections,
      'per second': Math.round(median(all('perSecond'))),
      best: Math.round(Math.max(...all('perSecond'))),
      'p50 µs': Math.round(median(all('p50'))),
      'main µs': Math.round(Math.min(...all('main'))),
      'worker µs': Math.round(Math.min(...all('worker'))),
      failures: all('failures').reduce((sum, count) => sum + count, 0),
    };
  });
}

try {
  const { name, load } = chooseLoadGenerator(scratch);
  for (const [title, start] of Object.entries(prepareServers({ scratch, root, peers: values.peers, note: print }))) {
    const server = await start();
    try {
      print(`${title}, load by ${name}\n${renderTable(await measure(server, load))}\n`);
    } finally {
      server.stop();
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
