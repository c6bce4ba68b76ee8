import { availableParallelism, loadavg } from 'node:os';
import { chooseLoadGenerator, loadByNode } from './_load-generator.mjs';
import { measureBusyModel, pingCases } from './_ping.mjs';
import { prepareServers } from './_servers.mjs';
import { median } from './table.mjs';

export const title = 'the server: small and large predictions, start, memory, ping while it works';

const FLOATS_64_MIB = 16 * 1024 * 1024;

const load = (options) => loadByNode({ path: '/predictions/noop', ...options });

const round = (value) => Number(value.toPrecision(3));

/** Each case for every server in turn, several times: a slow minute of the machine hits all of them. */
async function interleave(servers, rounds, once) {
  const found = Object.fromEntries(Object.keys(servers).map((name) => [name, []]));
  for (let n = 0; n < rounds; n += 1) {
    for (const [name, server] of Object.entries(servers)) found[name].push(await once(server));
  }
  return Object.fromEntries(Object.entries(found).map(([name, values]) => [name, median(values)]));
}

function row(what, unit, found, higherIsBetter) {
  const own = found['eisen-deploy'];
  const ratios = Object.entries(found)
    .filter(([name]) => name !== 'eisen-deploy')
    .map(([name, value]) => [`against ${name}`, `${round(higherIsBetter ? own / value : value / own)} x`]);
  const figures = Object.entries(found).map(([name, value]) => [name, round(value)]);
  return { what, unit, ...Object.fromEntries(figures), ...Object.fromEntries(ratios) };
}

async function noteBusyModel({ scratch, root, seconds, note }) {
  const busy = await measureBusyModel({ scratch, root, seconds });
  note(
    `ours, a model of convolutions on every core, ${round(busy.inferenceMs)} ms an inference: ping p99 of 4 clients ${round(busy.pingP99)} ms`,
  );
  const answers = Object.entries(busy.statuses).map(([status, count]) => `${count} times ${status}`);
  note(
    `ours, 512 connections on a model with a queue of 100: ${answers.join(', ')}; the slowest answer ${round(busy.slowestMs)} ms`,
  );
}

const PARTS = ['start', 'small', 'large', 'ping'];

export default async function ({ peers, quick, rows: only, table, note, scratch, root }) {
  if (only !== undefined && !PARTS.includes(only)) throw new Error(`--rows ${only}: expected ${PARTS.join(', ')}`);
  const wants = (part) => only === undefined || only === part;
  const starters = prepareServers({ scratch, root, peers, note });
  const rounds = quick ? 1 : 3;
  const seconds = quick ? 1 : 2;
  const rows = [];
  const small = chooseLoadGenerator(scratch);
  if (wants('start')) {
    const starts = await interleave(starters, rounds, async (start) => {
      const server = await start();
      server.stop();
      return server.startMs;
    });
    rows.push(row('start to first prediction', 'ms', starts, false));
  }

  const servers = {};
  const pushMemory = async (what) => {
    const found = await interleave(servers, 1, async (server) => server.memoryBytes() / 1e6);
    rows.push(row(what, 'MB', found, false));
  };
  try {
    for (const [name, start] of Object.entries(starters)) servers[name] = await start();
    if (wants('start')) await pushMemory('memory when idle');
    for (const server of Object.values(servers)) await small.load({ port: server.port, connections: 4, seconds: 1 });
    for (const connections of wants('small') ? [1, 8, 64] : []) {
      const found = await interleave(servers, rounds, async ({ port }) => {
        const { perSecond, failures } = await small.load({ port, connections, seconds });
        if (failures > 0) note(`${failures} predictions failed at ${connections} connections`);
        return perSecond;
      });
      rows.push(row(`no-op predictions, ${connections} connections`, '1/s', found, true));
    }
    for (const connections of wants('large') ? [1, 4] : []) {
      const found = await interleave(servers, rounds, async ({ port }) => {
        const { p50 } = await load({ port, connections, seconds, bodyFloats: FLOATS_64_MIB });
        return p50;
      });
      rows.push(row(`64 MiB there and back, ${connections} at once`, 'ms each', found, false));
    }
    if (wants('large')) await pushMemory('memory after that');
    for (const [what, ask] of wants('ping') ? Object.entries(pingCases(seconds)) : []) {
      rows.push(row(what, 'ms', await interleave(servers, 1, ask), false));
    }
  } finally {
    for (const server of Object.values(servers)) server.stop();
  }
  table(rows, 'medians; the last columns say how many times better ours is');
  if (wants('ping')) await noteBusyModel({ scratch, root, seconds, note });
  note(
    `${availableParallelism()} cores shared by load generator, server and worker; load average ${loadavg()[0].toFixed(1)}`,
  );
  note(`small predictions were sent by ${small.name}`);
  note('every server runs the same ONNX graph on ONNX Runtime with one worker');
  note(
    'TorchServe runs without torch, its best case; "with torch" is the same release in an environment with PyPI\'s torch, as users install it',
  );
}
